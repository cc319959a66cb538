package dev.millrace.dynamodbstore;

import dev.millrace.aws.table.TableCalls;
import dev.millrace.checkpoint.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.DescribeTimeToLiveRequest;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveDescription;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;
import software.amazon.awssdk.services.dynamodb.model.UpdateTimeToLiveRequest;

/** Has DynamoDB drop the items of the table whose time is over. */
final class TimeToLive {

    private static final Logger LOG = LoggerFactory.getLogger(TimeToLive.class);

    private final DynamoDbClient client;
    private final TableCalls calls;

    TimeToLive(DynamoDbClient client, TableCalls calls) {
        this.client = client;
        this.calls = calls;
    }

    /**
     * Sets it where it is not set. Every node does so when it starts: the one that made the table may have died before it came to
     * this. Without it the audit grows without bound, which is no reason not to start.
     *
     * @param made whether the table was made by this node or another one at this moment
     */
    void ensure(boolean made) throws InterruptedException {
        try {
            if (made || !isSet()) {
                set();
            }
        } catch (StoreException e) {
            LOG.atWarn()
                    .addKeyValue("table", calls.table())
                    .addKeyValue("reason", e.getMessage())
                    .log(
                            "old entries of the audit stay in the store's table: give the rights, or enable time to"
                                    + " live on {}",
                            StoreTable.EXPIRES);
        }
    }

    private boolean isSet() throws StoreException, InterruptedException {
        TimeToLiveDescription found = calls.make(
                        "dynamodb:DescribeTimeToLive",
                        () -> client.describeTimeToLive(DescribeTimeToLiveRequest.builder()
                                .tableName(calls.table())
                                .build()))
                .timeToLiveDescription();
        return StoreTable.EXPIRES.equals(found.attributeName())
                && (found.timeToLiveStatus() == TimeToLiveStatus.ENABLED
                        || found.timeToLiveStatus() == TimeToLiveStatus.ENABLING);
    }

    private void set() throws StoreException, InterruptedException {
        UpdateTimeToLiveRequest request = UpdateTimeToLiveRequest.builder()
                .tableName(calls.table())
                .timeToLiveSpecification(
                        ttl -> ttl.attributeName(StoreTable.EXPIRES).enabled(true))
                .build();
        try {
            calls.make("dynamodb:UpdateTimeToLive", () -> client.updateTimeToLive(request));
        } catch (StoreException e) {
            // DynamoDB refuses to set it again, also where another node has done so at this moment.
            if (!isSet()) {
                throw e;
            }
        }
    }
}
