package dev.millrace.kcl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.kinesis.common.DdbTableConfig;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseRefresher;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseSerializer;
import software.amazon.kinesis.leases.dynamodb.TableCreatorCallback;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

/** What the library's own writes do to a lease, in the order that makes trouble. */
class TakeoversTest {

    private static final Duration FAILOVER = Duration.ofSeconds(3);
    private static final StaticCredentialsProvider ANY =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any"));

    private final String table = "takeovers-" + UUID.randomUUID();
    private final AtomicLong now = new AtomicLong();
    private final DynamoDbClient tables = DynamoDbClient.builder()
            .endpointOverride(DynamoDbLocal.shared().endpoint())
            .region(Region.US_EAST_1)
            .credentialsProvider(ANY)
            .build();
    private final DynamoDbAsyncClient leaders = client(new Takeovers("leader", FAILOVER, now::get));
    private final DynamoDbAsyncClient holders = client(new Takeovers("holder", FAILOVER, now::get));
    private final DynamoDBLeaseRefresher leader = refresher(leaders);
    private final DynamoDBLeaseRefresher holder = refresher(holders);

    private static DynamoDbAsyncClient client(ExecutionInterceptor interceptor) {
        return DynamoDbAsyncClient.builder()
                .endpointOverride(DynamoDbLocal.shared().endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(ANY)
                .overrideConfiguration(options -> options.addExecutionInterceptor(interceptor))
                .build();
    }

    private DynamoDBLeaseRefresher refresher(DynamoDbAsyncClient client) {
        return new DynamoDBLeaseRefresher(
                table,
                client,
                new DynamoDBLeaseSerializer(),
                true,
                TableCreatorCallback.NOOP_TABLE_CREATOR_CALLBACK,
                Duration.ofSeconds(10),
                new DdbTableConfig(),
                false,
                false,
                List.of());
    }

    @BeforeEach
    void oneLease() throws Exception {
        LeaseTable leases = new LeaseTable(tables, table);
        leases.ensure();
        leases.offer("shard-0");
    }

    @AfterEach
    void close() {
        tables.close();
        leaders.close();
        holders.close();
    }

    private Lease leadersView() throws Exception {
        return leader.listLeases().getFirst();
    }

    /** The holder has the lease, and the leader has seen it with him for as long as leases last. */
    private Lease ranOut() throws Exception {
        assertThat(leader.assignLease(leadersView(), "holder")).isTrue();
        leadersView();
        now.addAndGet(FAILOVER.toNanos());
        return leadersView();
    }

    @Test
    void takesALeaseThatRanOut() throws Exception {
        Lease lease = ranOut();

        assertThat(leader.assignLease(lease, "other")).isTrue();
        assertThat(leadersView().leaseOwner()).isEqualTo("other");
    }

    @Test
    void leavesALeaseThatItsHolderRenewedAfterTheLeaderHadRead() throws Exception {
        Lease lease = ranOut();
        assertThat(holder.renewLease(holder.getLease("shard-0"))).isTrue();

        assertThat(leader.assignLease(lease, "other")).isFalse();
        assertThat(leadersView().leaseOwner()).isEqualTo("holder");
    }

    @Test
    void leavesALeaseThatSomebodyElseReadMeanwhileWithARenewal() throws Exception {
        Lease lease = ranOut();
        assertThat(holder.renewLease(holder.getLease("shard-0"))).isTrue();
        leadersView();
        now.addAndGet(FAILOVER.toNanos() - 1);

        assertThat(leader.assignLease(lease, "other")).isFalse();

        now.addAndGet(1);
        assertThat(leader.assignLease(lease, "other")).isTrue();
    }

    @Test
    void leavesALeaseThatItHasNeverRead() throws Exception {
        Lease lease = ranOut();
        Takeovers fresh = new Takeovers("leader", FAILOVER, now::get);
        try (DynamoDbAsyncClient another = client(fresh)) {
            assertThat(refresher(another).assignLease(lease, "other")).isFalse();
        }
    }

    @Test
    void letsAHolderHandItsLeaseOverAtAnyTime() throws Exception {
        Lease lease = ranOut();
        assertThat(leader.initiateGracefulLeaseHandoff(lease, "other")).isTrue();
        assertThat(holder.renewLease(holder.getLease("shard-0"))).isTrue();

        assertThat(holder.assignLease(holder.getLease("shard-0"), "other")).isTrue();
        assertThat(leadersView().checkpointOwner()).isNull();
        assertThat(leadersView().leaseOwner()).isEqualTo("other");
    }

    @Test
    void leavesALeaseThatItsHolderLetsGoOfAndRenewedMeanwhile() throws Exception {
        assertThat(leader.initiateGracefulLeaseHandoff(ranOut(), "other")).isTrue();
        leadersView();
        now.addAndGet(FAILOVER.toNanos());
        Lease lease = leadersView();
        assertThat(holder.renewLease(holder.getLease("shard-0"))).isTrue();

        assertThat(leader.assignLease(lease, "other")).isFalse();
        assertThat(leadersView().checkpointOwner()).isEqualTo("holder");
    }

    @Test
    void movesTheLeaseOfAShardThatHasEndedAtAnyTime() throws Exception {
        Lease lease = ranOut();
        lease.checkpoint(ExtendedSequenceNumber.SHARD_END);
        assertThat(holder.updateLease(lease)).isTrue();

        assertThat(leader.assignLease(leadersView(), "other")).isTrue();
    }
}
