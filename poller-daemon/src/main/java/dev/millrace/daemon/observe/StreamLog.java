package dev.millrace.daemon.observe;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.failure.Discard;
import dev.millrace.failure.LastInvocation;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.runner.StreamObserver;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.StreamRecord;
import dev.millrace.stream.ShardCommand;
import dev.millrace.stream.ShardEvent;
import dev.millrace.stream.ShardNotice;
import dev.millrace.stream.ShardNotice.Fate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line per change of a stream mapping that an operator would want to read, with the shard in the context and the range of
 * records where there is one.
 */
public final class StreamLog implements StreamObserver {

    private final MappingLog log;
    /** By shard, for as long as the shard is processed. */
    private final Map<String, MappingLog> shards = new ConcurrentHashMap<>();

    public StreamLog(EventSourceMapping mapping) {
        this.log = new MappingLog(mapping);
    }

    @Override
    public void shardStarted(String shardId, ShardProgress from) {
        shard(shardId)
                .line(
                        Level.INFO,
                        line -> line.addKeyValue("from", from.readFrom().described())
                                .log("the shard is polled"));
    }

    @Override
    public void shardEnded(String shardId, ShardCommand.End end) {
        MappingLog shard = shard(shardId);
        switch (end) {
            case SHARD_END ->
                shard.line(Level.INFO, line -> line.log("the shard is closed and processed; its children may start"));
            case STOPPED -> shard.line(Level.DEBUG, line -> line.log("the shard is stopped"));
            case LEASE_LOST ->
                shard.line(
                        Level.INFO,
                        line -> line.log("another node processes the shard, or its stream is no more; it is given up"
                                + " here"));
        }
        shards.remove(shardId);
    }

    @Override
    public void turn(String shardId, ShardEvent event, List<ShardCommand> commands) {
        for (ShardCommand command : commands) {
            switch (command) {
                case ShardCommand.Report(var notice) -> report(shard(shardId), notice);
                case ShardCommand.Read _,
                        ShardCommand.Invoke _,
                        ShardCommand.Deliver _,
                        ShardCommand.Save _,
                        ShardCommand.SaveEnd _,
                        ShardCommand.CancelInvocations _,
                        ShardCommand.Finish _ -> {}
            }
        }
        if (event instanceof ShardEvent.FunctionHealthChanged(var health)) {
            shard(shardId)
                    .line(
                            Level.DEBUG,
                            line -> line.addKeyValue("health", health).log("function health"));
        }
    }

    private MappingLog shard(String shardId) {
        return shards.computeIfAbsent(shardId, log::ofShard);
    }

    private static void report(MappingLog shard, ShardNotice notice) {
        switch (notice) {
            case ShardNotice.Gap(var from, var to, var detail) ->
                shard.line(
                        Level.ERROR,
                        line -> line.addKeyValue("from", from == null ? "unknown" : from)
                                .addKeyValue("to", to == null ? "unknown" : to)
                                .addKeyValue("detail", MappingLog.excerpt(detail))
                                .log("records are lost: the stream's retention took them before they were processed"));
            case ShardNotice.Discarded(var discard, var fate) -> discarded(shard, discard, fate);
            case ShardNotice.DestinationTrouble(var discard, var message, var retryIn) ->
                shard.line(
                        Level.WARN,
                        line -> range(line, discard.records())
                                .addKeyValue("detail", MappingLog.excerpt(message))
                                .addKeyValue("retryInMs", retryIn.toMillis())
                                .log("the on-failure destination did not take a discard; it is tried again"));
            case ShardNotice.WindowAbandoned(var start, var end) ->
                shard.line(
                        Level.ERROR,
                        line -> line.addKeyValue("from", start)
                                .addKeyValue("to", end)
                                .log("a tumbling window is given up with its state: its final invocation failed too"
                                        + " often"));
            case ShardNotice.SourceTrouble(var problem, var retryIn) -> shard.sourceTrouble(problem, retryIn);
            case ShardNotice.SourceRecovered _ ->
                shard.line(Level.INFO, line -> line.log("the shard can be read again"));
            case ShardNotice.StoreTrouble(var message, var retryIn) -> storeTrouble(shard, message, retryIn);
            case ShardNotice.StoreRecovered _ -> shard.line(Level.INFO, line -> line.log("progress is stored again"));
            case ShardNotice.LetGo(var lane, var records, var interrupted) ->
                shard.line(
                        Level.INFO,
                        line -> line.addKeyValue("lane", lane)
                                .addKeyValue("records", records)
                                .addKeyValue("interrupted", interrupted)
                                .log("records were read and not processed; they will be read again"));
        }
    }

    private static void discarded(MappingLog shard, Discard discard, Fate fate) {
        String message = switch (fate) {
            case DELIVERED -> "records were discarded, and the on-failure destination was told";
            case DROPPED -> "records were discarded and dropped; the mapping has no on-failure destination";
            case UNDELIVERABLE -> "records were discarded and dropped; the on-failure destination could not be told";
        };
        LastInvocation last = discard.last();
        shard.line(
                fate == Fate.UNDELIVERABLE ? Level.ERROR : Level.WARN,
                line -> range(line, discard.records())
                        .addKeyValue("reason", discard.reason().condition())
                        .addKeyValue("invocations", discard.invocations())
                        .addKeyValue("requestId", last == null ? "none" : last.requestId())
                        .log(message));
    }

    private static LoggingEventBuilder range(LoggingEventBuilder line, List<StreamRecord> records) {
        LoggingEventBuilder counted = line.addKeyValue("records", records.size());
        return records.isEmpty()
                ? counted
                : counted.addKeyValue("first", records.getFirst().sequenceNumber())
                        .addKeyValue("last", records.getLast().sequenceNumber());
    }

    @Override
    public void invoked(
            String shardId,
            ShardCommand.Invoke invoke,
            String requestId,
            InvocationOutcome outcome,
            Duration duration) {
        shard(shardId)
                .invocationEnded(
                        invoke.attempt(),
                        outcome,
                        duration,
                        line -> range(
                                        line.addKeyValue("batch", invoke.batch())
                                                .addKeyValue("lane", invoke.lane()),
                                        invoke.records())
                                .addKeyValue("requestId", requestId));
    }

    @Override
    public void crashed(@Nullable String shardId, Throwable defect, Duration restartIn) {
        String message = shardId == null
                ? "a defect stopped the look-out for shards; it starts again, and shards that run go on"
                : "a defect stopped this shard; it starts again where its progress was stored last";
        (shardId == null ? log : shard(shardId))
                .line(
                        Level.ERROR,
                        line -> line.addKeyValue("restartInMs", restartIn.toMillis())
                                .setCause(defect)
                                .log(message));
    }

    @Override
    public void streamTrouble(SourceProblem problem, Duration retryIn) {
        log.sourceTrouble(problem, retryIn);
    }

    @Override
    public void storeTrouble(String message, Duration retryIn) {
        storeTrouble(log, message, retryIn);
    }

    private static void storeTrouble(MappingLog log, String message, Duration retryIn) {
        log.line(
                Level.ERROR,
                line -> line.addKeyValue("detail", MappingLog.excerpt(message))
                        .addKeyValue("retryInMs", retryIn.toMillis())
                        .log("progress cannot be stored; invocations wait until it can"));
    }

    @Override
    public void gap(String shardId, ShardNotice.Gap gap) {
        report(shard(shardId), gap);
    }

    @Override
    public void noted(String action, String detail) {
        log.line(
                Level.INFO,
                line -> line.addKeyValue("action", action)
                        .addKeyValue("detail", MappingLog.excerpt(detail))
                        .log("it is decided which records are processed"));
    }

    /** Starting and stopping, told by the daemon. */
    public void lifecycle(String what) {
        log.line(Level.INFO, line -> line.log(what));
    }
}
