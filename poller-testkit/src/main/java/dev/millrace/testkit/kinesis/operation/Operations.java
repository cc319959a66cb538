package dev.millrace.testkit.kinesis.operation;

import dev.millrace.testkit.kinesis.model.Account;
import dev.millrace.testkit.service.IteratorToken;
import dev.millrace.testkit.service.Operation;
import dev.millrace.testkit.service.Refusal;
import dev.millrace.testkit.service.Request;
import dev.millrace.testkit.wire.Answer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Every operation that has one answer, by name. Thread-safe. */
public final class Operations {

    private final Map<String, Operation> byName = new HashMap<>();
    private final RecordOperations records;

    public Operations(Service service) {
        records = new RecordOperations(service);
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

    /** A GetRecords without records although some may follow. */
    public Answer emptyRead(Request request) {
        return records.emptyRead(request);
    }

    /** The name of the stream that a request is about; empty when it names none. */
    public static String streamOf(Request request) {
        Optional<String> named = Stream.of("StreamARN", "StreamName", "ConsumerARN")
                .flatMap(member -> request.text(member).stream())
                .findFirst()
                .map(Account::nameOf);
        return named.or(() -> IteratorToken.in(request).map(IteratorToken::stream))
                .orElse("");
    }

    /** The shard that a request is about; empty when it names none. */
    public static String shardOf(Request request) {
        Optional<String> named = Stream.of("ShardId", "ShardToSplit", "ShardToMerge")
                .flatMap(member -> request.text(member).stream())
                .findFirst();
        return named.or(() -> IteratorToken.in(request).map(IteratorToken::shardId))
                .orElse("");
    }
}
