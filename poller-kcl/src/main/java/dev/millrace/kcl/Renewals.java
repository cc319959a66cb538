package dev.millrace.kcl;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * When this node has renewed which lease: it watches the library's writes. The library itself tells that a lease is lost seconds
 * after others could have taken it, or after a frozen process has gone on for a while; the time of the last renewal tells it at
 * once. Counted from before the write was sent, so that no other node can see the lease run out earlier. Thread-safe.
 */
final class Renewals implements ExecutionInterceptor {

    private static final ExecutionAttribute<Long> SENT = new ExecutionAttribute<>("millrace.lease-write-sent");

    /** Further back than any lease lasts. */
    private static final long NEVER = Duration.ofDays(1).toNanos();

    private final Map<LeaseId, Tenure> tenures = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    /** @param nanoTime a clock that goes on while the process is frozen */
    Renewals(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
        attributes.putAttribute(SENT, nanoTime.getAsLong());
    }

    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        Long sent = attributes.getAttribute(SENT);
        Tenure tenure = renewedBy(context.request());
        if (sent != null && tenure != null) {
            tenure.renewed.accumulateAndGet(sent, Math::max);
        }
    }

    /** Somebody else has the lease already, whatever this node had seen of it. */
    @Override
    public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
        boolean refused = context.exception() instanceof ConditionalCheckFailedException
                || context.exception().getCause() instanceof ConditionalCheckFailedException;
        Tenure tenure = renewedBy(context.request());
        if (refused && tenure != null) {
            tenure.renewed.addAndGet(-NEVER);
        }
    }

    /** The tenure whose lease this request renews; null when it renews none. */
    private @Nullable Tenure renewedBy(SdkRequest request) {
        if (!(request instanceof UpdateItemRequest update) || !isRenewal(update)) {
            return null;
        }
        AttributeValue shardId = update.key().get(LeaseTable.KEY);
        return shardId == null ? null : tenures.get(new LeaseId(update.tableName(), shardId.s()));
    }

    /** A write that changes the owner is the leader's, which gives a lease to whomever. */
    private static boolean isRenewal(UpdateItemRequest update) {
        return update.hasKey()
                && update.hasAttributeUpdates()
                && update.attributeUpdates().containsKey(LeaseTable.COUNTER)
                && !update.attributeUpdates().containsKey(LeaseTable.OWNER);
    }

    /**
     * This node has the lease, as it has read. When it was given to it nobody knows: before it has renewed it another may take
     * it at any time.
     */
    Tenure begin(String table, String shardId) {
        Tenure tenure = new Tenure(new LeaseId(table, shardId), nanoTime.getAsLong() - NEVER);
        tenures.put(tenure.lease, tenure);
        return tenure;
    }

    /** One lease for as long as one holder has it; renewals count for the last one who has got it. */
    final class Tenure {

        private final LeaseId lease;
        private final AtomicLong renewed;

        private Tenure(LeaseId lease, long renewed) {
            this.lease = lease;
            this.renewed = new AtomicLong(renewed);
        }

        /** Whether it was renewed within this time. */
        boolean wasRenewedWithin(Duration time) {
            return nanoTime.getAsLong() - renewed.get() < time.toNanos();
        }

        /** Whether the holder is the last one of this node who has got the lease. */
        boolean isLast() {
            return tenures.get(lease) == this;
        }

        /** The holder does not have the lease any more. */
        void end() {
            boolean _ = tenures.remove(lease, this);
        }
    }
}
