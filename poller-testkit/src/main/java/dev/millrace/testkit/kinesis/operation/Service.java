package dev.millrace.testkit.kinesis.operation;

import dev.millrace.testkit.kinesis.model.Account;
import dev.millrace.testkit.kinesis.model.DataStream;
import dev.millrace.testkit.service.IteratorToken;
import dev.millrace.testkit.service.Iterators;
import dev.millrace.testkit.service.Refusal;
import dev.millrace.testkit.service.Request;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What all operations share: the streams, the settings, and the life of shard iterators. Thread-safe. */
public final class Service {

    private record Place(String stream, String shardId) {}

    private final Account account;
    private final AtomicReference<ServerSettings> settings = new AtomicReference<>(ServerSettings.DEFAULT);
    private final Iterators iterators;
    private final Map<Place, Long> lastReads = new ConcurrentHashMap<>();

    public Service(Account account) {
        this.account = account;
        this.iterators = new Iterators(account.clock());
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
        iterators.expireAll();
    }

    String iterator(DataStream stream, String shardId, long index) {
        return iterators.issue(stream.name(), stream.created(), shardId, index);
    }

    /** The stream of an iterator that can be used. */
    DataStream stream(IteratorToken token) {
        iterators.requireFresh(token, settings().iteratorLife());
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
