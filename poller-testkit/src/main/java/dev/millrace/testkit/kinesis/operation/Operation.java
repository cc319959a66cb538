package dev.millrace.testkit.kinesis.operation;

import dev.millrace.testkit.kinesis.model.Refusal;
import dev.millrace.testkit.kinesis.wire.Answer;

/** One operation that has one answer. Called on many threads at once. */
@FunctionalInterface
public interface Operation {

    /** @throws Refusal when Kinesis would refuse the request */
    Answer run(Request request);
}
