package dev.millrace.testkit.dynamodb;

import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A table with a stream, as tests make, fill and change it on any server. Thread-safe. */
public interface TestTable extends AutoCloseable {

    /** Makes a table with its stream, and waits until both are there. */
    static TestTable create(DynamoDbEndpoint server, TableShape shape) {
        return server.faulty()
                .<TestTable>map(own -> own.table(shape))
                .orElseGet(() -> RemoteTable.create(server, shape));
    }

    /** Makes a table of {@link TableShape#simple()}. */
    static TestTable create(DynamoDbEndpoint server) {
        return create(server, TableShape.simple());
    }

    String name();

    /** The ARN of its newest stream, enabled or not. */
    String streamArn();

    // ---- items ----

    /** Puts an item: INSERT or MODIFY, or nothing when it is there already just like this. */
    void put(Map<String, AttributeValue> item);

    /** Puts items of different keys, many in a request; the server chooses the order within a request. */
    void putAll(List<Map<String, AttributeValue>> items);

    /** Puts an item with the partition key and one more attribute, both texts. */
    default void put(String key, String attribute, String value) {
        put(Map.of(keyName(), AttributeValue.fromS(key), attribute, AttributeValue.fromS(value)));
    }

    /** Sets these attributes of the item of this key: MODIFY, or INSERT when there is none. */
    void update(Map<String, AttributeValue> key, Map<String, AttributeValue> changes);

    /** Deletes the item of this key: REMOVE. */
    void delete(Map<String, AttributeValue> key);

    /** Deletes the item of this partition key, a text. */
    default void delete(String key) {
        delete(Map.of(keyName(), AttributeValue.fromS(key)));
    }

    /** The name of the partition key. */
    String keyName();

    // ---- stream ----

    /** Disables the stream; its shards are closed, and what they hold can be read on. */
    void disableStream();

    /** Enables the stream again: it is another one. Answers its ARN. */
    String enableStream();

    /**
     * Closes every open shard, and opens one that follows it; of the other tables on this server perhaps as well. Aborts the test
     * where the server does no such thing on cue.
     */
    void rollOver();

    /** Deletes the table. */
    @Override
    void close();
}
