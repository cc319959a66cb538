package dev.millrace.kcl;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.AttributeValueUpdate;
import software.amazon.awssdk.services.dynamodb.model.ExpectedAttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * Takes a lease from its holder only if it ran out and was not renewed since. The library's leader reads all leases, and gives
 * those that ran out to others on the condition that they have their old owner still: also those that he has renewed after they
 * were read, as a process does that was frozen and goes on, or all of them when the leader itself was frozen after it had read
 * them. Both would be sure of such a lease. So the renewals that the leader has seen are made part of the condition. Thread-safe.
 */
final class Takeovers implements ExecutionInterceptor {

    /** No lease has it: the write is refused, which the library takes for a lease that is not to be had. */
    private static final AttributeValue NEVER = AttributeValue.fromN("-1");

    private final Map<LeaseId, Seen> seen = new ConcurrentHashMap<>();
    private final String node;
    private final Duration failover;
    private final LongSupplier nanoTime;

    /** Since when it is known that the lease was renewed so many times, and whether its shard has ended. */
    private record Seen(AttributeValue counter, long since, boolean ended) {

        Seen then(Seen read) {
            return counter.equals(read.counter) && ended == read.ended ? this : read;
        }
    }

    /**
     * @param node this node, as leases call it
     * @param failover leases that were not renewed for this long may be taken
     * @param nanoTime a clock that goes on while the process is frozen
     */
    Takeovers(String node, Duration failover, LongSupplier nanoTime) {
        this.node = node;
        this.failover = failover;
        this.nanoTime = nanoTime;
    }

    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        if (context.request() instanceof ScanRequest scan && context.response() instanceof ScanResponse page) {
            long now = nanoTime.getAsLong();
            for (Map<String, AttributeValue> item : page.items()) {
                AttributeValue shardId = item.get(LeaseTable.KEY);
                AttributeValue counter = item.get(LeaseTable.COUNTER);
                if (shardId != null && counter != null) {
                    seen.merge(
                            new LeaseId(scan.tableName(), shardId.s()),
                            new Seen(counter, now, LeaseTable.hasEnded(item)),
                            Seen::then);
                }
            }
        }
    }

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        return context.request() instanceof UpdateItemRequest update && isTakeover(update)
                ? ifUnchanged(update)
                : context.request();
    }

    /** Whether the lease changes its owner, unless this node is the one that lets go of it. */
    private boolean isTakeover(UpdateItemRequest update) {
        ExpectedAttributeValue from = update.expected().get(LeaseTable.OWNER);
        ExpectedAttributeValue lettingGo = update.expected().get(LeaseTable.LETTING_GO);
        AttributeValueUpdate to = update.attributeUpdates().get(LeaseTable.OWNER);
        boolean mine = lettingGo != null && AttributeValue.fromS(node).equals(lettingGo.value());
        return from != null
                && from.value() != null
                && to != null
                && to.value() != null
                && !mine
                && update.attributeUpdates().containsKey(LeaseTable.COUNTER);
    }

    private UpdateItemRequest ifUnchanged(UpdateItemRequest update) {
        Map<String, ExpectedAttributeValue> expected = new HashMap<>(update.expected());
        AttributeValue counter = ranOut(update.tableName(), update.key().get(LeaseTable.KEY));
        expected.put(
                LeaseTable.COUNTER,
                ExpectedAttributeValue.builder().value(counter).build());
        return update.toBuilder().expected(expected).build();
    }

    private AttributeValue ranOut(String table, @Nullable AttributeValue shardId) {
        Seen last = shardId == null ? null : seen.get(new LeaseId(table, shardId.s()));
        // A lease whose shard has ended says nothing about who works; it is moved for balance.
        return last != null && (last.ended() || nanoTime.getAsLong() - last.since() >= failover.toNanos())
                ? last.counter()
                : NEVER;
    }

    /**
     * The table has these leases and no others: any node may have deleted the rest. One that was written meanwhile and is left out
     * is the holder's for longer, since it counts as seen for the first time when it is read next.
     */
    void thereAre(String table, Set<String> shardIds) {
        boolean _ = seen.keySet().removeIf(lease -> lease.table().equals(table) && !shardIds.contains(lease.shardId()));
    }

    /** How many leases it has seen, of all tables. */
    int known() {
        return seen.size();
    }

    /** Nobody reads this table any more. */
    void gone(String table) {
        boolean _ = seen.keySet().removeIf(lease -> lease.table().equals(table));
    }
}
