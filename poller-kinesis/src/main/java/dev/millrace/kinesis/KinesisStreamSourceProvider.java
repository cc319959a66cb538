package dev.millrace.kinesis;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.config.AwsSettings;
import dev.millrace.filter.DataKey;
import dev.millrace.filter.FilterOperators;
import dev.millrace.filter.RecordFilter;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.Keying;
import dev.millrace.source.StreamSource;
import dev.millrace.source.StreamSourceProvider;
import java.util.Map;
import java.util.function.Function;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * Opens Kinesis streams: {@code ...:stream/NAME} is read by GetRecords, {@code ...:stream/NAME/consumer/CONSUMER:TIME} by
 * enhanced fan-out. All streams of one place share their clients; the one for subscriptions, and Netty with
 * it, is opened with the first consumer. Thread-safe.
 *
 * <p>A mapping's stream is reached in the ARN's region unless the mapping has another, at the endpoint override {@code
 * Kinesis} when there is one.
 */
public final class KinesisStreamSourceProvider implements StreamSourceProvider {

    private static final AwsSettings ANYWHERE = new AwsSettings("", "", Map.of());

    /** One read at a time for each shard, and a stream has up to 20,000 shards; connections are opened on demand. */
    private static final int CONNECTIONS = 20_000;

    private final SharedClients<KinesisClient> clients =
            new SharedClients<>(KinesisStreamSourceProvider::client, KinesisClient::close);
    private final SharedClients<SubscriptionClient> subscribers = new SharedClients<>(
            (place, credentials) -> SubscriptionClient.open(place, place.isEmulator(), credentials),
            SubscriptionClient::close);

    @Override
    public boolean serves(Arn arn) {
        return StreamAddress.of(arn, ANYWHERE).isPresent();
    }

    @Override
    public StreamSource open(EventSourceMapping mapping, AwsSettings aws) {
        return open(mapping, aws, mapping.options().stream().deaggregate());
    }

    /**
     * Opens the mapping's stream.
     *
     * @param deaggregate unpack aggregated records also where AWS does not: without enhanced fan-out
     */
    StreamSource open(EventSourceMapping mapping, AwsSettings aws, boolean deaggregate) {
        StreamAddress address = address(mapping, aws);
        KinesisCalls calls = new KinesisCalls(clients.at(address.place()), address);
        KinesisRecordJson json =
                KinesisRecordJson.of(address.source(), address.source().regionOr(aws.region()), identity(address, aws));
        // Whether an operator may be used was decided when the mapping was made; what was accepted then is obeyed here.
        RecordFilter filter = RecordFilter.compile(mapping.filterPatterns(), DataKey.DATA, FilterOperators.ALL);
        // AWS unpacks aggregated records with enhanced fan-out, and only then (spec 3.1).
        Keying keying = deaggregate || address.isConsumer() ? Keying.UNPACKED : Keying.WHOLE;
        Function<String, ShardRecords> records = shardId -> new ShardRecords(json.forShard(shardId), filter, keying);
        if (!address.isConsumer()) {
            return polling(address, calls, keying, records);
        }
        return fanOut(address, calls, records, subscribers.at(address.place()));
    }

    private static StreamSource polling(
            StreamAddress address, KinesisCalls calls, Keying keying, Function<String, ShardRecords> records) {
        return new KinesisStreamSource(
                address,
                calls,
                KinesisStreamSource.POLLING,
                keying,
                shardId -> new KinesisShard(calls, shardId, records.apply(shardId)).reader(System::nanoTime));
    }

    private static StreamSource fanOut(
            StreamAddress address,
            KinesisCalls calls,
            Function<String, ShardRecords> records,
            SubscriptionClient subscriber) {
        return new KinesisStreamSource(address, calls, FanOutShardReader.PACING, Keying.UNPACKED, shardId -> {
            ShardRecords ofShard = records.apply(shardId);
            return new FanOutShardReader(
                    address,
                    shardId,
                    ofShard,
                    subscriber::subscribe,
                    new KinesisShard(calls, shardId, ofShard).reader(System::nanoTime),
                    FanOutShardReader.Timing.REAL);
        });
    }

    private static KinesisClient client(ServicePlace place, AwsCredentialsProvider credentials) {
        return ServiceClients.setUp(KinesisClient.builder(), place, credentials, CONNECTIONS)
                .build();
    }

    private static StreamAddress address(EventSourceMapping mapping, AwsSettings aws) {
        return StreamAddress.of(mapping.eventSourceArn(), aws)
                .orElseThrow(() -> new IllegalArgumentException("not a Kinesis stream: " + mapping.eventSourceArn()));
    }

    /** At AWS the function's execution role, which polls there. Nobody has one here: the daemon polls by its own rights. */
    private static String identity(StreamAddress address, AwsSettings aws) {
        return new Arn(address.source().partition(), "iam", "", aws.accountId(), "role/millrace").toString();
    }

    /** Closes the clients; calls still running fail. */
    @Override
    public void close() {
        subscribers.close();
        clients.close();
    }
}
