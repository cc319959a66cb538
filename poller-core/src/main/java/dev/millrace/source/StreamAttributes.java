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
 */
public record StreamAttributes(Duration retention, @Nullable Instant created) {}
