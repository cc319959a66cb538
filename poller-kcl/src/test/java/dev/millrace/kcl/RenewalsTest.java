package dev.millrace.kcl;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.InterceptorContext;
import software.amazon.awssdk.services.dynamodb.model.AttributeAction;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.AttributeValueUpdate;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

class RenewalsTest {

    private static final Duration FAILOVER = Duration.ofSeconds(3);

    private final AtomicLong now = new AtomicLong();
    private final Renewals renewals = new Renewals(now::get);

    private static SdkRequest renewal(String shardId) {
        return UpdateItemRequest.builder()
                .tableName("leases")
                .key(Map.of(LeaseTable.KEY, AttributeValue.fromS(shardId)))
                .attributeUpdates(Map.of(
                        LeaseTable.COUNTER,
                        AttributeValueUpdate.builder()
                                .action(AttributeAction.PUT)
                                .value(AttributeValue.fromN("7"))
                                .build()))
                .build();
    }

    /** Sent now, answered after this time. */
    private void renew(String shardId, Duration answered) {
        ExecutionAttributes attributes = new ExecutionAttributes();
        InterceptorContext context =
                InterceptorContext.builder().request(renewal(shardId)).build();
        renewals.beforeExecution(context, attributes);
        now.addAndGet(answered.toNanos());
        renewals.afterExecution(context, attributes);
    }

    @Test
    void knowsNothingOfALeaseBeforeItsFirstRenewal() {
        Renewals.Tenure tenure = renewals.begin("leases", "shard-0");

        assertThat(tenure.wasRenewedWithin(FAILOVER)).isFalse();
        renew("shard-1", Duration.ZERO);
        assertThat(tenure.wasRenewedWithin(FAILOVER)).isFalse();
        renew("shard-0", Duration.ZERO);
        assertThat(tenure.wasRenewedWithin(FAILOVER)).isTrue();
    }

    @Test
    void countsFromBeforeTheRenewalWasSent() {
        Renewals.Tenure tenure = renewals.begin("leases", "shard-0");

        renew("shard-0", FAILOVER.minusNanos(1));
        assertThat(tenure.wasRenewedWithin(FAILOVER)).isTrue();
        now.addAndGet(1);
        assertThat(tenure.wasRenewedWithin(FAILOVER)).isFalse();
    }

    @Test
    void anOlderHolderOfTheSameLeaseNeitherEndsNorSharesTheNewerOnesTenure() {
        Renewals.Tenure older = renewals.begin("leases", "shard-0");
        Renewals.Tenure newer = renewals.begin("leases", "shard-0");
        older.end();

        renew("shard-0", Duration.ZERO);

        assertThat(newer.wasRenewedWithin(FAILOVER)).isTrue();
        assertThat(older.wasRenewedWithin(FAILOVER)).isFalse();
    }
}
