package dev.millrace.checkpoint;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One thing that decided which records are processed, kept for people: a mapping's creation, a gap, a discard, a shard's
 * end.
 *
 * @param at when
 * @param mapping whose
 * @param shardId null when it concerns the whole mapping
 * @param action short and stable, such as {@code Created}, {@code Gap}, {@code Discarded}
 * @param detail for people
 */
public record AuditEntry(Instant at, UUID mapping, @Nullable String shardId, String action, String detail) {}
