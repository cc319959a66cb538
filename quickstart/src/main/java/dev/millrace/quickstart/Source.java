package dev.millrace.quickstart;

import java.io.IOException;
import java.util.List;

/** Where the daemon takes events from, what is sent there, and what became of that. Used by one thread. */
interface Source extends AutoCloseable {

    /** The line under {@code Endpoints} that names the server. */
    String endpoint();

    /** The entries under {@code EventSourceMappings}. */
    String mappings();

    /** What will be sent, for the reader of the screen. */
    String announcement();

    /** Sends everything. */
    void send();

    Balance balance() throws IOException;

    @Override
    void close();

    /** The state of things, of one moment. */
    interface Balance {

        /** Whether all that was sent is processed or set aside as it should be. */
        boolean complete();

        /** What is counted, such as {@code messages}. */
        String subject();

        /** How many are processed, or set aside as they should be. */
        int done();

        int waiting();

        /** Lines of the last words. */
        List<String> summary();

        /** Ids of what is neither processed nor set aside. */
        List<String> missing();
    }
}
