package dev.millrace.source;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Facts about a stream.
 *
 * @param retention how long the stream keeps a record
 * @param created when the stream was created: a later time under the same name means another stream, whose positions are
 *     not the old one's; null when the source does not say
 * @param ended for people: why nothing comes into the stream any more, and the remedy, such as that it was disabled. What it
 *     has is read all the same; null while it is alive
 */
public record StreamAttributes(
        Duration retention,
        @Nullable Instant created,
        @Nullable String ended) {

    /** Of a stream that is alive. */
    public StreamAttributes(Duration retention, @Nullable Instant created) {
        this(retention, created, null);
    }
}
