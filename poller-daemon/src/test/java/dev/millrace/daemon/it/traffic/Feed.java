package dev.millrace.daemon.it.traffic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.daemon.it.StreamEvent;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.dynamodb.TestTable;
import dev.millrace.testkit.guarantee.Sent;
import dev.millrace.testkit.kinesis.TestStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Records that a test makes, and shards that it changes, while daemons read them. One thread at a time does both; functions
 * read what comes of it on others.
 */
public interface Feed {

    /** The streams to map. */
    List<String> arns();

    /**
     * The next record of a key. It is not made yet, so that a ledger can hear of it first.
     *
     * @param count differs from call to call
     */
    Write next(String key, int count);

    /** Closes shards and opens those that follow them. */
    void reshard();

    /** The records of an event. */
    List<Sent> received(FunctionCall call);

    /**
     * A record to be made.
     *
     * @param id begins with a place and a slash; of one place, shards are read one after the other
     */
    record Write(String id, Runnable make) {}

    /** A Kinesis stream, whose shards are split and merged. */
    record Stream(TestStream stream, Random random) implements Feed {

        private static final int MOST_SHARDS = 4;

        @Override
        public List<String> arns() {
            return List.of(stream.arn());
        }

        /** The id tells the shard that it is put on: only this thread changes shards. */
        @Override
        public Write next(String key, int count) {
            String id = stream.shardOf(key) + "/" + count;
            return new Write(id, () -> stream.put(key, id));
        }

        @Override
        public void reshard() {
            List<String> open = stream.openShards();
            if (open.size() == 1 || (open.size() < MOST_SHARDS && random.nextBoolean())) {
                stream.split(open.get(random.nextInt(open.size())));
            } else {
                // Merges, and splits first where the borders differ.
                stream.resize(1 + random.nextInt(open.size() - 1));
            }
        }

        @Override
        public List<Sent> received(FunctionCall call) {
            return records(call);
        }

        /** The records of an event of a Kinesis stream, whose data are their ids. */
        public static List<Sent> records(FunctionCall call) {
            return StreamEvent.of(call).items().stream()
                    .map(item -> new Sent(item.data(), item.partitionKey()))
                    .toList();
        }
    }

    /**
     * Tables whose items are put, replaced and deleted, and whose shards roll over. A table has one open shard at a time.
     *
     * @param ids what the items that are there bear
     */
    record Tables(List<TestTable> tables, Random random, Map<String, String> ids) implements Feed {

        private static final ObjectMapper JSON = new ObjectMapper();
        private static final String ATTRIBUTE = "change";
        /** Of so many changes of an item that is there one deletes it. */
        private static final int DELETED_ONE_IN = 5;

        public Tables(List<TestTable> tables, Random random) {
            this(tables, random, new HashMap<>());
        }

        @Override
        public List<String> arns() {
            return tables.stream().map(TestTable::streamArn).toList();
        }

        @Override
        public Write next(String key, int count) {
            int number = Math.floorMod(key.hashCode(), tables.size());
            TestTable table = tables.get(number);
            String before = ids.get(key);
            if (before != null && random.nextInt(DELETED_ONE_IN) == 0) {
                ids.remove(key);
                return new Write(deleted(before), () -> table.delete(key));
            }
            String id = "table-" + number + "/" + count;
            ids.put(key, id);
            return new Write(id, () -> table.put(key, ATTRIBUTE, id));
        }

        private static String deleted(String id) {
            return id + " deleted";
        }

        /** Of all tables, since they are on one server. */
        @Override
        public void reshard() {
            tables.getFirst().rollOver();
        }

        @Override
        public List<Sent> received(FunctionCall call) {
            try {
                List<Sent> changes = new ArrayList<>();
                for (JsonNode change : JSON.readTree(call.body().bytes()).get("Records")) {
                    changes.add(received(change));
                }
                return changes;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Sent received(JsonNode change) {
            JsonNode images = change.get("dynamodb");
            String key =
                    images.at("/Keys/" + tables.getFirst().keyName() + "/S").asText();
            return switch (change.get("eventName").asText()) {
                case "INSERT", "MODIFY" -> new Sent(id(images.get("NewImage")), key);
                case "REMOVE" -> new Sent(deleted(id(images.get("OldImage"))), key);
                default -> throw new AssertionError("no change of an item: " + change);
            };
        }

        private static String id(JsonNode image) {
            return image.get(ATTRIBUTE).get("S").asText();
        }
    }
}
