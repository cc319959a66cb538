package dev.millrace.failure;

/**
 * Where a mapping's discards are told ({@code DestinationConfig.OnFailure}). Called from many virtual threads at once; a
 * call blocks until the destination has taken the record for good. The caller limits the time of each call and ends it by
 * interrupting its thread, and retries with pauses; destinations do not retry by themselves.
 */
public interface Destination extends AutoCloseable {

    /**
     * Delivers one record. The same record may come again when it is not known whether it has arrived.
     *
     * @throws DestinationException when it was not taken
     */
    void deliver(InvocationRecord record) throws DestinationException, InterruptedException;

    /**
     * How many records were delivered without their event so far, though {@code IncludePayload} asks for it: it did not fit.
     * Any thread.
     */
    default long deliveredWithoutPayload() {
        return 0;
    }

    @Override
    void close();
}
