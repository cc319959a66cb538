package dev.millrace.daemon.it;

import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A function of Kinesis streams: what it has got, and what it answers. */
public record StreamFunction(FunctionServer server) {

    /** Decides the answers by the event. */
    public void answers(Function<StreamEvent, FunctionAnswer> answer) {
        server.always(call -> answer.apply(StreamEvent.of(call)));
    }

    /** Every event that it has got so far. */
    public List<StreamEvent> events() {
        return server.calls().stream().map(StreamEvent::of).toList();
    }

    /** The data of each event's records. */
    public List<List<String>> batches() {
        return events().stream().map(StreamEvent::data).toList();
    }

    /** The data of all records that it has got, in order. */
    public List<String> delivered() {
        return events().stream().flatMap(event -> event.data().stream()).toList();
    }

    /** How often it has got each record, by its data. */
    public Map<String, Integer> deliveries() {
        Map<String, Integer> deliveries = new HashMap<>();
        delivered().forEach(data -> deliveries.merge(data, 1, Integer::sum));
        return deliveries;
    }

    public void awaitDelivered(String... data) {
        Eventually.until(List.of(data) + " to be delivered", () -> delivered().containsAll(List.of(data)));
    }
}
