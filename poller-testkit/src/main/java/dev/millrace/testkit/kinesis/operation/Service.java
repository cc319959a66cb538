package dev.millrace.testkit.kinesis.operation;

import dev.millrace.testkit.kinesis.model.Account;
import dev.millrace.testkit.kinesis.model.DataStream;
import dev.millrace.testkit.kinesis.model.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What all operations share: the streams, the settings, and the life of shard iterators. Thread-safe. */
public final class Service {

    private record Place(String stream, String shardId) {}

    private final Account account;
    private final AtomicReference<ServerSettings> settings = new AtomicReference<>(ServerSettings.DEFAULT);
    private final AtomicInteger generation = new AtomicInteger();
    private final Map<Place, Long> lastReads = new ConcurrentHashMap<>();

    public Service(Account account) {
        this.account = account;
    }

    public Account account() {
        return account;
    }

    public ServerSettings settings() {
        return settings.get();
    }

    public void configure(UnaryOperator<ServerSettings> change) {
        settings.updateAndGet(change);
    }

    /** The stream that a request names in one of the two ways. */
    DataStream stream(Request request) {
        String name = request.text("StreamARN")
                .or(() -> request.text("StreamName"))
                .orElseThrow(() -> Refusal.invalidArgument("Either StreamName or StreamARN must be given."));
        return account.stream(name);
    }

    // ---- iterators ----

    /** Makes every iterator that was given out unusable. */
    public void expireIterators() {
        generation.incrementAndGet();
    }

    String iterator(DataStream stream, String shardId, long index) {
        return new IteratorToken(
                        stream.name(),
                        stream.created(),
                        shardId,
                        index,
                        account.clock().instant(),
                        generation.get())
                .print();
    }

    /** The stream of an iterator that can be used. */
    DataStream stream(IteratorToken token) {
        Instant now = account.clock().instant();
        Duration life = settings().iteratorLife();
        if (token.generation() != generation.get() || now.isAfter(token.issued().plus(life))) {
            throw new Refusal(
                    400,
                    "ExpiredIteratorException",
                    "Iterator expired. The iterator was created at time " + Date.from(token.issued())
                            + " while right now it is " + Date.from(now)
                            + " which is further in the future than the tolerated delay of " + life.toMillis()
                            + " milliseconds.");
        }
        DataStream stream = account.stream(token.stream());
        if (!stream.created().equals(token.streamCreated())) {
            throw Refusal.notFound("The stream of this iterator was deleted.");
        }
        return stream;
    }

    void noteRead(DataStream stream, String shardId, long index) {
        lastReads.put(new Place(stream.name(), shardId), index);
    }

    /** Index of the record that the last GetRecords call on this shard asked for; null when there was none. */
    public @Nullable Long lastRead(String stream, String shardId) {
        return lastReads.get(new Place(stream, shardId));
    }
}
