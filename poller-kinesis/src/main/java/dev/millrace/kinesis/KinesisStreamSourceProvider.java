package dev.millrace.kinesis;

import dev.millrace.aws.EndpointCredentials;
import dev.millrace.config.AwsSettings;
import dev.millrace.filter.DataKey;
import dev.millrace.filter.FilterOperators;
import dev.millrace.filter.RecordFilter;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.StreamSource;
import dev.millrace.source.StreamSourceProvider;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * Opens Kinesis streams: {@code ...:stream/NAME} is read by GetRecords, {@code ...:stream/NAME/consumer/CONSUMER:TIME} by
 * enhanced fan-out. All streams of one region and endpoint share their clients; the one for subscriptions, and Netty with
 * it, is opened with the first consumer. Thread-safe.
 *
 * <p>A mapping's stream is reached in the ARN's region, at the endpoint override {@code Kinesis} when there is one.
 */
public final class KinesisStreamSourceProvider implements StreamSourceProvider {

    private static final String ENDPOINT_KEY = "Kinesis";

    private final Map<Place, EndpointCredentials> credentials = new ConcurrentHashMap<>();
    private final Map<Place, KinesisClient> clients = new ConcurrentHashMap<>();
    private final Map<Place, SubscriptionClient> subscribers = new ConcurrentHashMap<>();

    private record Place(String region, @Nullable URI endpoint) {}

    @Override
    public boolean serves(Arn arn) {
        return StreamAddress.of(arn, "", null).isPresent();
    }

    @Override
    public StreamSource open(EventSourceMapping mapping, AwsSettings aws) {
        return open(mapping, aws, false);
    }

    /**
     * Opens the mapping's stream.
     *
     * @param deaggregate unpack aggregated records also where AWS does not: without enhanced fan-out
     */
    StreamSource open(EventSourceMapping mapping, AwsSettings aws, boolean deaggregate) {
        StreamAddress address = address(mapping, aws);
        Place place = new Place(address.region(), address.endpoint());
        KinesisClient client = clients.computeIfAbsent(
                place, it -> KinesisClients.calls(it.region(), it.endpoint(), credentials(it)));
        KinesisCalls calls = new KinesisCalls(client, address);
        KinesisRecordJson json = KinesisRecordJson.of(address.source(), address.region(), identity(address, aws));
        // Whether an operator may be used was decided when the mapping was made; what was accepted then is obeyed here.
        RecordFilter filter = RecordFilter.compile(mapping.filterPatterns(), DataKey.DATA, FilterOperators.ALL);
        // AWS unpacks aggregated records with enhanced fan-out, and only then (spec 3.1).
        boolean unpack = deaggregate || address.isConsumer();
        Function<String, ShardRecords> records =
                shardId -> new ShardRecords(json.forShard(shardId), filter, unpack);
        return address.isConsumer()
                ? fanOut(address, calls, records, subscribers.computeIfAbsent(place, _ -> subscriber(address, place)))
                : polling(address, calls, records);
    }

    private static StreamSource polling(
            StreamAddress address, KinesisCalls calls, Function<String, ShardRecords> records) {
        return new KinesisStreamSource(
                address,
                calls,
                KinesisStreamSource.POLLING,
                shardId -> new PollingShardReader(calls, shardId, records.apply(shardId), System::nanoTime));
    }

    private static StreamSource fanOut(
            StreamAddress address,
            KinesisCalls calls,
            Function<String, ShardRecords> records,
            SubscriptionClient subscriber) {
        return new KinesisStreamSource(address, calls, FanOutShardReader.PACING, shardId -> {
            ShardRecords ofShard = records.apply(shardId);
            return new FanOutShardReader(
                    address,
                    shardId,
                    ofShard,
                    subscriber::subscribe,
                    new PollingShardReader(calls, shardId, ofShard, System::nanoTime),
                    FanOutShardReader.Timing.REAL);
        });
    }

    private SubscriptionClient subscriber(StreamAddress address, Place place) {
        return SubscriptionClient.open(
                place.region(), place.endpoint(), address.isEmulator(), credentials(place));
    }

    private EndpointCredentials credentials(Place place) {
        return credentials.computeIfAbsent(place, it -> EndpointCredentials.forEndpoint(it.endpoint()));
    }

    private static StreamAddress address(EventSourceMapping mapping, AwsSettings aws) {
        Optional<StreamAddress> address = StreamAddress.of(
                mapping.eventSourceArn(), aws.region(), aws.endpoints().get(ENDPOINT_KEY));
        return address.orElseThrow(
                () -> new IllegalArgumentException("not a Kinesis stream: " + mapping.eventSourceArn()));
    }

    /** At AWS the function's execution role, which polls there. Nobody has one here: the daemon polls by its own rights. */
    private static String identity(StreamAddress address, AwsSettings aws) {
        return new Arn(address.source().partition(), "iam", "", aws.accountId(), "role/millrace").toString();
    }

    /** Closes the clients; calls still running fail. */
    @Override
    public void close() {
        subscribers.values().forEach(SubscriptionClient::close);
        clients.values().forEach(KinesisClient::close);
        credentials.values().forEach(EndpointCredentials::close);
        subscribers.clear();
        clients.clear();
        credentials.clear();
    }
}
