package dev.millrace.testkit.wire;

import java.io.IOException;

/** The members of an answer or of an object in it. Immutable: written on any thread, at any time, in any protocol. */
@FunctionalInterface
public interface Answer {

    /** An answer without members. */
    Answer EMPTY = fields -> {};

    /** Writes each member. */
    void writeTo(Fields fields) throws IOException;
}
