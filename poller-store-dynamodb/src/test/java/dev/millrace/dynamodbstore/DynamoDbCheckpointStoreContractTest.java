package dev.millrace.dynamodbstore;

import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.testkit.checkpoint.CheckpointStoreContract;
import org.junit.jupiter.api.AfterEach;

class DynamoDbCheckpointStoreContractTest extends CheckpointStoreContract {

    private final StoreTables tables = new StoreTables();

    @Override
    protected CheckpointStore open() throws Exception {
        return tables.open("node");
    }

    @AfterEach
    void closeClient() {
        tables.close();
    }
}
