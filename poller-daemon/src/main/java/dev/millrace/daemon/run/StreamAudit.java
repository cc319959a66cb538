package dev.millrace.daemon.run;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.failure.Discard;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.runner.StreamObserver;
import dev.millrace.source.SourceProblem;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardNotice;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into the store what decided which records of a mapping are processed: gaps, discards, abandoned windows, the ends of
 * shards. On a thread of its own, since observers must not block.
 */
final class StreamAudit implements StreamObserver, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StreamAudit.class);
    /** Entries that wait at a time; the log has every one of them. */
    private static final int MOST_WAITING = 1_000;

    /** How long the end waits for what is not yet written. */
    private static final Duration END_WITHIN = Duration.ofSeconds(2);

    private final UUID mapping;
    private final CheckpointStore store;
    private final InstantSource clock;
    /** Empty is the end. */
    private final BlockingQueue<Optional<AuditEntry>> waiting = new LinkedBlockingQueue<>(MOST_WAITING);

    private final Thread writer;

    StreamAudit(UUID mapping, CheckpointStore store, InstantSource clock) {
        this.mapping = mapping;
        this.store = store;
        this.clock = clock;
        this.writer = Thread.ofVirtual().name("audit/" + mapping).start(this::write);
    }

    private void write() {
        try {
            for (Optional<AuditEntry> next = waiting.take(); next.isPresent(); next = waiting.take()) {
                write(next.get());
            }
        } catch (InterruptedException e) {
            // Interrupted means stop.
            Thread.currentThread().interrupt();
        }
    }

    private void write(AuditEntry entry) throws InterruptedException {
        try {
            store.audit(entry);
        } catch (StoreException | RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("mapping", mapping)
                    .addKeyValue("action", entry.action())
                    .log("an entry of the audit could not be stored: " + e);
        }
    }

    private void add(@Nullable String shardId, String action, String detail) {
        if (!waiting.offer(Optional.of(new AuditEntry(clock.instant(), mapping, shardId, action, detail)))) {
            LOG.atWarn()
                    .addKeyValue("mapping", mapping)
                    .addKeyValue("action", action)
                    .log("an entry of the audit was left out: too many at once");
        }
    }

    @Override
    public void turn(String shardId, ShardEvent event, List<ShardCommand> commands) {
        for (ShardCommand command : commands) {
            if (command instanceof ShardCommand.Report(var notice)) {
                switch (notice) {
                    case ShardNotice.Gap gap -> gap(shardId, gap);
                    case ShardNotice.Discarded(var discard, var fate) ->
                        add(shardId, "Discarded", text(discard) + ", " + fate);
                    case ShardNotice.WindowAbandoned(var start, var end) ->
                        add(shardId, "WindowAbandoned", "from " + start + " to " + end);
                    case ShardNotice.DestinationTrouble _,
                            ShardNotice.SourceTrouble _,
                            ShardNotice.SourceRecovered _,
                            ShardNotice.StoreTrouble _,
                            ShardNotice.StoreRecovered _,
                            ShardNotice.LetGo _ -> {}
                }
            }
        }
    }

    private static String text(Discard discard) {
        return discard.reason().condition() + ": " + discard.records().size() + " records from "
                + discard.records().getFirst().sequenceNumber() + " to "
                + discard.records().getLast().sequenceNumber();
    }

    @Override
    public void gap(String shardId, ShardNotice.Gap gap) {
        add(shardId, "Gap", "from " + gap.from() + " to " + gap.to() + ": " + gap.detail());
    }

    @Override
    public void noted(String action, String detail) {
        add(null, action, detail);
    }

    @Override
    public void shardStarted(String shardId, ShardProgress from) {}

    @Override
    public void shardEnded(String shardId, ShardCommand.End end) {
        if (end == ShardCommand.End.SHARD_END) {
            add(shardId, "ShardEnded", "every record of the closed shard is settled");
        }
    }

    @Override
    public void invoked(
            String shardId,
            ShardCommand.Invoke invoke,
            String requestId,
            InvocationOutcome outcome,
            Duration duration) {}

    @Override
    public void crashed(@Nullable String shardId, Throwable defect, Duration restartIn) {}

    @Override
    public void streamTrouble(SourceProblem problem, Duration retryIn) {}

    @Override
    public void storeTrouble(String message, Duration retryIn) {}

    /** Waits a moment for the entries that are not yet written; what the store does not take by then is left out. */
    @Override
    public void close() {
        try {
            if (waiting.offer(Optional.empty(), END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                boolean _ = writer.join(END_WITHIN);
            }
        } catch (InterruptedException e) {
            // Whoever closes is to end at once.
            Thread.currentThread().interrupt();
        }
        writer.interrupt();
    }
}
