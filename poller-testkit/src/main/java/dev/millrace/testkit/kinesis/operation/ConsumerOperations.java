package dev.millrace.testkit.kinesis.operation;

import dev.millrace.testkit.kinesis.model.Consumers.Consumer;
import dev.millrace.testkit.kinesis.model.DataStream;
import dev.millrace.testkit.service.Operation;
import dev.millrace.testkit.service.Refusal;
import dev.millrace.testkit.service.Request;
import dev.millrace.testkit.wire.Answer;
import java.util.List;
import java.util.Map;

/** Consumers with enhanced fan-out, all but their subscriptions. */
final class ConsumerOperations {

    private static final int USUALLY_LISTED = 100;
    private static final int MOST_LISTED = 10_000;

    private final Service service;

    ConsumerOperations(Service service) {
        this.service = service;
    }

    Map<String, Operation> all() {
        return Map.of(
                "RegisterStreamConsumer", this::register,
                "DeregisterStreamConsumer", this::deregister,
                "DescribeStreamConsumer", this::describe,
                "ListStreamConsumers", this::list);
    }

    private Answer register(Request request) {
        String name = request.requiredText("ConsumerName");
        if (!name.matches("[a-zA-Z0-9_.-]{1,128}")) {
            throw Refusal.validation("1 validation error detected: Value '" + name
                    + "' at 'consumerName' failed to satisfy constraint: Member must satisfy regular expression"
                    + " pattern: [a-zA-Z0-9_.-]+");
        }
        Consumer consumer = service.account().stream(request.requiredText("StreamARN"))
                .consumers()
                .register(name);
        // As Kinesis answers; it is active by the time anybody can ask.
        return fields -> fields.object("Consumer", consumer(consumer, "CREATING"));
    }

    private Answer deregister(Request request) {
        stream(request).consumers().deregister(named(request));
        return Answer.EMPTY;
    }

    private Answer describe(Request request) {
        Consumer consumer = named(request);
        String streamArn = stream(request).arn();
        return fields -> fields.object("ConsumerDescription", description -> {
            consumer(consumer, "ACTIVE").writeTo(description);
            description.text("StreamARN", streamArn);
        });
    }

    private Answer list(Request request) {
        int limit = request.number("MaxResults", USUALLY_LISTED, 1, MOST_LISTED);
        String after = request.text("NextToken").orElse("");
        List<Consumer> all = service.account().stream(request.requiredText("StreamARN")).consumers().all().stream()
                .filter(consumer -> consumer.name().compareTo(after) > 0)
                .toList();
        List<Consumer> page = all.subList(0, Math.min(limit, all.size()));
        return fields -> {
            fields.objects("Consumers", page, consumer -> consumer(consumer, "ACTIVE"));
            fields.text("NextToken", page.size() < all.size() ? page.getLast().name() : null);
        };
    }

    private DataStream stream(Request request) {
        return service.account().stream(request.text("ConsumerARN").orElseGet(() -> request.requiredText("StreamARN")));
    }

    private Consumer named(Request request) {
        String name = request.text("ConsumerARN").orElseGet(() -> request.requiredText("ConsumerName"));
        return stream(request)
                .consumers()
                .find(name)
                .orElseThrow(() -> Refusal.notFound("Consumer " + name + " not found."));
    }

    private static Answer consumer(Consumer consumer, String status) {
        return fields -> {
            fields.text("ConsumerName", consumer.name());
            fields.text("ConsumerARN", consumer.arn());
            fields.text("ConsumerStatus", status);
            fields.time("ConsumerCreationTimestamp", consumer.created());
        };
    }
}
