package dev.millrace.testkit.service;

import dev.millrace.testkit.wire.Answer;
import dev.millrace.testkit.wire.HttpReply;
import dev.millrace.testkit.wire.Protocol;
import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The operations of one service, as a {@link FaultyHandler} calls them: on many threads at once. */
public interface Api {

    /** The name of the stream that a request is about; empty when it names none. */
    String streamOf(Request request);

    /** The shard that a request is about; empty when it names none. */
    String shardOf(Request request);

    /**
     * Carries out an operation that has one answer.
     *
     * @throws Refusal when the service would refuse the request
     */
    Answer run(String operation, Request request);

    /** Answers a GetRecords without records although some may follow. */
    Answer emptyRead(Request request);

    /** An error's code as the answer's {@code __type} spells it. */
    default String typeOf(String code) {
        return code;
    }

    /** Headers of each answer beside its type and length. */
    default Map<String, String> headers() {
        return Map.of("x-amzn-RequestId", UUID.randomUUID().toString());
    }

    /** Whether the operation is answered by {@link #subscribe}. */
    default boolean isSubscription(String operation) {
        return false;
    }

    /**
     * Carries out an operation whose answer is a stream of messages.
     *
     * @param fault how it ends before its time; null when nothing goes wrong
     * @throws Refusal before anything of the answer was sent
     */
    default void subscribe(Request request, Protocol protocol, HttpReply reply, @Nullable Fault fault)
            throws IOException, InterruptedException {
        throw new IllegalStateException("this service has no subscriptions");
    }
}
