package dev.millrace.dynamodbstore;

import dev.millrace.checkpoint.AuditEntry;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.dynamodbstore.StoreTable.ItemKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The audit in the table: {@code partition = "audit/UUID"}, one item per entry, in the order of writing. Thread-safe. */
final class AuditItems {

    /** DynamoDB drops them after this time. */
    private static final Duration KEPT = Duration.ofDays(90);

    private static final String AT = "at";
    private static final String SHARD = "shard";
    private static final String ACTION = "action";
    private static final String DETAIL = "detail";

    private final StoreTable table;
    private final InstantSource clock;
    /** Microseconds since 1970 of the last entry, so that two never have the same. */
    private final AtomicLong last = new AtomicLong();

    AuditItems(StoreTable table, InstantSource clock) {
        this.table = table;
        this.clock = clock;
    }

    void add(AuditEntry entry) throws StoreException, InterruptedException {
        Instant now = clock.instant();
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
        long number = last.updateAndGet(before -> Math.max(before + 1, micros));
        // The random part tells entries apart that two nodes write in the same microsecond.
        String order =
                "%020d-%08x".formatted(number, ThreadLocalRandom.current().nextInt());
        Map<String, AttributeValue> item = new HashMap<>(new ItemKey("audit/" + entry.mapping(), order).attributes());
        Attributes.putText(item, AT, entry.at().toString());
        Attributes.putText(item, SHARD, entry.shardId());
        Attributes.putText(item, ACTION, entry.action());
        Attributes.putText(item, DETAIL, entry.detail());
        item.put(StoreTable.EXPIRES, Attributes.number(now.plus(KEPT).getEpochSecond()));
        table.put(item, null);
    }
}
