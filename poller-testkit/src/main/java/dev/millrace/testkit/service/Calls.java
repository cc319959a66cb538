package dev.millrace.testkit.service;

import dev.millrace.testkit.Eventually;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/** How often a server of ours was called, by operation and shard. Thread-safe. */
public final class Calls {

    /** Every operation, in place of the name of one. */
    public static final String EVERYTHING = "*";

    static final String GET_RECORDS = "GetRecords";
    static final String SUBSCRIBE = "SubscribeToShard";

    /**
     * One call, as far as faults look at it.
     *
     * @param stream its name; empty when the call is for none
     * @param shardId empty when the call is for none
     */
    public record Call(String operation, String stream, String shardId) {}

    private final Map<Call, LongAdder> begun = new ConcurrentHashMap<>();
    private final Map<Call, LongAdder> struck = new ConcurrentHashMap<>();
    private final LongAdder abandoned = new LongAdder();

    void begun(Call call) {
        begun.computeIfAbsent(call, _ -> new LongAdder()).increment();
    }

    void struck(Call call) {
        struck.computeIfAbsent(call, _ -> new LongAdder()).increment();
    }

    void abandoned() {
        abandoned.increment();
    }

    /** Calls of this operation that have begun so far, struck or not. */
    public long count(String operation) {
        return sum(begun, call -> is(call, operation));
    }

    /** Calls of this operation on this shard that have begun so far, struck or not. */
    public long count(String operation, String stream, String shardId) {
        return sum(begun, call -> is(call, operation) && is(call, stream, shardId));
    }

    /** Calls of this operation that a fault has struck so far. */
    public long struck(String operation) {
        return sum(struck, call -> is(call, operation));
    }

    /** Calls of this operation on this shard that a fault has struck so far. */
    public long struck(String operation, String stream, String shardId) {
        return sum(struck, call -> is(call, operation) && is(call, stream, shardId));
    }

    public void await(String operation, long count) {
        Eventually.until(count + " calls of " + operation, () -> count(operation) >= count);
    }

    public void awaitStruck(String operation, long count) {
        Eventually.until(count + " faults at " + operation, () -> struck(operation) >= count);
    }

    /** Waits until clients have given up on so many stalled calls. */
    public void awaitAbandoned(long count) {
        Eventually.until(count + " stalled calls to be given up", () -> abandoned.sum() >= count);
    }

    private static boolean is(Call call, String operation) {
        return operation.equals(EVERYTHING) || operation.equals(call.operation());
    }

    private static boolean is(Call call, String stream, String shardId) {
        return call.stream().equals(stream) && call.shardId().equals(shardId);
    }

    private static long sum(Map<Call, LongAdder> counts, Predicate<Call> wanted) {
        return counts.entrySet().stream()
                .filter(entry -> wanted.test(entry.getKey()))
                .mapToLong(entry -> entry.getValue().sum())
                .sum();
    }
}
