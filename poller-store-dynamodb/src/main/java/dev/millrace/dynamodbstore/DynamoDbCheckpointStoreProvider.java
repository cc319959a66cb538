package dev.millrace.dynamodbstore;

import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.aws.table.TableClients;
import dev.millrace.checkpoint.CheckpointStore;
import dev.millrace.checkpoint.CheckpointStoreProvider;
import dev.millrace.checkpoint.SavePace;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.Section;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Opens {@link DynamoDbCheckpointStore}s: {@code Store: {Type: DynamoDb, Table: ...}}. The table is in {@code
 * Aws.Regions.DynamoDb} or the daemon's region, at {@code Aws.Endpoints.DynamoDb} when there is one.
 */
public final class DynamoDbCheckpointStoreProvider implements CheckpointStoreProvider {

    private static final String TABLE = "Table";
    private static final String DEFAULT_TABLE = "millrace";
    private static final Pattern TABLE_NAME = Pattern.compile("[a-zA-Z0-9_.-]{3,255}");

    private static final String SAVE_INTERVAL = "SaveIntervalMilliseconds";
    private static final int DEFAULT_SAVE_INTERVAL = 1_000;
    private static final int LONGEST_SAVE_INTERVAL = 60_000;

    private static final String MAPPINGS_REFRESH = "MappingsRefreshSeconds";
    private static final int DEFAULT_MAPPINGS_REFRESH = 10;
    private static final int LONGEST_MAPPINGS_REFRESH = 3_600;

    @Override
    public String type() {
        return "DynamoDb";
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public StoreFactory configure(Section store, AwsSettings aws) {
        String table = store.string(TABLE, DEFAULT_TABLE).strip();
        if (!TABLE_NAME.matcher(table).matches()) {
            store.problem(TABLE, "'" + table + "' is no name of a table: 3 to 255 letters, digits, '_', '-' and '.'");
        }
        int interval = store.integer(SAVE_INTERVAL, 0, LONGEST_SAVE_INTERVAL, DEFAULT_SAVE_INTERVAL);
        ServicePlace place = ServicePlace.of("DynamoDB", "DynamoDb", "", aws);
        int refresh = store.integer(MAPPINGS_REFRESH, 1, LONGEST_MAPPINGS_REFRESH, DEFAULT_MAPPINGS_REFRESH);
        return new SharedTable(table, Duration.ofMillis(interval), Duration.ofSeconds(refresh), place);
    }

    private record SharedTable(String name, Duration saveInterval, Duration mappingsRefresh, ServicePlace place)
            implements StoreFactory {

        @Override
        public Map<String, Object> settings() {
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put(TABLE, name);
            settings.put(SAVE_INTERVAL, saveInterval.toMillis());
            settings.put(MAPPINGS_REFRESH, mappingsRefresh.toSeconds());
            return settings;
        }

        @Override
        public Optional<Duration> definitionsEvery() {
            return Optional.of(mappingsRefresh);
        }

        @Override
        public SavePace savePace() {
            return saveInterval.isZero() ? SavePace.LOCAL : SavePace.paid(saveInterval);
        }

        /** Calls nothing yet: a server out of reach must not keep queues from being polled. */
        @Override
        public CheckpointStore open(String node) {
            SharedClients<DynamoDbClient> clients = TableClients.open();
            return new DynamoDbCheckpointStore(clients.at(place), clients::close, name, node, InstantSource.system());
        }
    }
}
