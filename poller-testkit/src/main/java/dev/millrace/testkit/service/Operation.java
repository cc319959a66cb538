package dev.millrace.testkit.service;

import dev.millrace.testkit.wire.Answer;

/** One operation that has one answer. Called on many threads at once. */
@FunctionalInterface
public interface Operation {

    /** @throws Refusal when the service would refuse the request */
    Answer run(Request request);
}
