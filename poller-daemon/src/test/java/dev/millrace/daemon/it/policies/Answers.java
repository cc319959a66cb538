package dev.millrace.daemon.it.policies;

import dev.millrace.daemon.it.StreamEvent;
import dev.millrace.testkit.FunctionAnswer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** How functions answer events. */
final class Answers {

    static final int ALWAYS = Integer.MAX_VALUE;

    private Answers() {}

    /** Fails so many times with events that have one of these records, counted for each of them. */
    static Function<StreamEvent, FunctionAnswer> failing(int times, String... data) {
        return answering(times, _ -> StreamEvent.error("no " + String.join(", ", data)), data);
    }

    /** Answers so to as many events that have one of these records, counted for each, and well to all others. */
    static Function<StreamEvent, FunctionAnswer> answering(
            int times, Function<StreamEvent, FunctionAnswer> answer, String... data) {
        Map<String, Integer> asked = new ConcurrentHashMap<>();
        return event -> Stream.of(data).filter(event::has).anyMatch(one -> asked.merge(one, 1, Integer::sum) <= times)
                ? answer.apply(event)
                : FunctionAnswer.ok("");
    }
}
