package dev.millrace.testkit.kinesis.operation;

import dev.millrace.testkit.kinesis.model.Refusal;
import dev.millrace.testkit.kinesis.wire.Answer;
import java.util.HashMap;
import java.util.Map;

/** Every operation that has one answer, by name. Thread-safe. */
public final class Operations {

    private final Map<String, Operation> byName = new HashMap<>();

    public Operations(Service service) {
        RecordOperations records = new RecordOperations(service);
        byName.putAll(new StreamOperations(service).all());
        byName.putAll(new ShardOperations(service).all());
        byName.putAll(records.all());
        byName.putAll(new ConsumerOperations(service).all());
    }

    /** @throws Refusal when Kinesis would refuse the request */
    public Answer run(String name, Request request) {
        Operation operation = byName.get(name);
        if (operation == null) {
            throw new Refusal(400, "UnknownOperationException", "There is no operation " + name + ".");
        }
        return operation.run(request);
    }
}
