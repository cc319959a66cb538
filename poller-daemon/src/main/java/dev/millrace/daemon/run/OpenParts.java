package dev.millrace.daemon.run;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been opened so far; closes it in the reverse order. Not thread-safe. */
final class OpenParts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenParts.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    /** Takes charge of a part that is open, and answers it. */
    <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }

    /** Closes nothing: somebody else is in charge of the parts from here on. */
    void handOver() {
        parts.clear();
    }

    /** Closes every part, the last one first; one that cannot be closed does not keep the others open. */
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.atWarn().addKeyValue("part", part).setCause(e).log("a part of the daemon could not be closed");
            }
        }
    }
}
