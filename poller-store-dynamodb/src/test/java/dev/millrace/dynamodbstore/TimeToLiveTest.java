package dev.millrace.dynamodbstore;

import static dev.millrace.dynamodbstore.MeddledTable.meddled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.aws.table.TableSetup;
import dev.millrace.dynamodbstore.MeddledTable.Meddler;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DescribeTimeToLiveRequest;
import software.amazon.awssdk.services.dynamodb.model.InternalServerErrorException;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveDescription;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;
import software.amazon.awssdk.services.dynamodb.model.UpdateTimeToLiveRequest;

/** That DynamoDB drops old entries of the audit, whoever has made the table. */
class TimeToLiveTest {

    private static final UUID MAPPING = UUID.fromString("11111111-2222-3333-4444-555555555555");

    private final StoreTables tables = new StoreTables();
    private final LoggedWarnings warnings = new LoggedWarnings(TimeToLive.class);

    @AfterEach
    void close() {
        warnings.close();
        tables.close();
    }

    /** As by a node that dies before it comes to the time to live. */
    private void makeTable() {
        tables.client.createTable(request -> request.tableName(tables.name)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(TableSetup.text(StoreTable.PARTITION), TableSetup.text(StoreTable.ITEM))
                .keySchema(TableSetup.hash(StoreTable.PARTITION), TableSetup.range(StoreTable.ITEM)));
    }

    private void start(Meddler meddler) throws Exception {
        DynamoDbCheckpointStore store = tables.open("node", meddled(tables.client, meddler));
        assertThat(store.load(MAPPING)).isEmpty();
        store.close();
    }

    private TimeToLiveDescription timeToLive() {
        return tables.client
                .describeTimeToLive(request -> request.tableName(tables.name))
                .timeToLiveDescription();
    }

    @Test
    void isSetByWhoeverMakesTheTable() throws Exception {
        start(_ -> {});

        assertThat(timeToLive().timeToLiveStatus()).isEqualTo(TimeToLiveStatus.ENABLED);
        assertThat(timeToLive().attributeName()).isEqualTo(StoreTable.EXPIRES);
        assertThat(warnings.lines()).isEmpty();
    }

    @Test
    void isSetWhereANodeHasMadeTheTableAndNotComeToThis() throws Exception {
        makeTable();

        start(_ -> {});

        assertThat(timeToLive().timeToLiveStatus()).isEqualTo(TimeToLiveStatus.ENABLED);
        assertThat(timeToLive().attributeName()).isEqualTo(StoreTable.EXPIRES);
        assertThat(warnings.lines()).isEmpty();
    }

    @Test
    void isNoTroubleWhereAnotherNodeWasFaster() throws Exception {
        start(request -> {
            if (request instanceof UpdateTimeToLiveRequest update) {
                tables.client.updateTimeToLive(update);
            }
        });

        assertThat(warnings.lines()).isEmpty();
    }

    @Test
    void isToldWhereItsRightsAreMissingAndNothingElseStops() throws Exception {
        makeTable();

        start(request -> {
            if (request instanceof DescribeTimeToLiveRequest) {
                throw denied();
            }
        });

        assertThat(warnings.lines())
                .singleElement()
                .asString()
                .contains(
                        "old entries of the audit stay",
                        tables.name,
                        "The credentials need dynamodb:DescribeTimeToLive");
    }

    /** Of any type: the status counts. */
    private static RuntimeException denied() {
        return InternalServerErrorException.builder()
                .statusCode(403)
                .message("not authorized")
                .build();
    }
}
