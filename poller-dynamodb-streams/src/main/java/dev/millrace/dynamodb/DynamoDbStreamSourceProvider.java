package dev.millrace.dynamodb;

import dev.millrace.aws.EndpointCredentials;
import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
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
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * Opens streams of DynamoDB tables: {@code ...:table/NAME/stream/LABEL}, or {@code latest} as the label for the newest. All
 * streams of one region and endpoint share their client. Thread-safe.
 *
 * <p>A mapping's stream is reached in the ARN's region, at the endpoint override {@code DynamoDbStreams} when there is one,
 * else at {@code DynamoDb}: emulators serve tables and streams at one place.
 */
public final class DynamoDbStreamSourceProvider implements StreamSourceProvider {

    private static final String ENDPOINT_KEY = "DynamoDbStreams";
    private static final String TABLES_ENDPOINT_KEY = "DynamoDb";

    /** One read at a time for each shard, and there is one for each partition of a table; opened on demand. */
    private static final int CONNECTIONS = 20_000;

    private final Map<ServicePlace, EndpointCredentials> credentials = new ConcurrentHashMap<>();
    private final Map<ServicePlace, DynamoDbStreamsClient> clients = new ConcurrentHashMap<>();

    @Override
    public boolean serves(Arn arn) {
        return TableStream.of(arn, "", null).isPresent();
    }

    @Override
    public StreamSource open(EventSourceMapping mapping, AwsSettings aws) {
        TableStream stream = stream(mapping.eventSourceArn(), aws);
        DynamoDbCalls calls = new DynamoDbCalls(clients.computeIfAbsent(stream.place(), this::client), stream);
        // Whether an operator may be used was decided when the mapping was made; what was accepted then is obeyed here.
        RecordFilter filter = RecordFilter.compile(mapping.filterPatterns(), DataKey.DYNAMODB, FilterOperators.ALL);
        return new DynamoDbStreamSource(
                stream, calls, new ChangeRecords(stream.place().region(), filter));
    }

    /** The stream that an ARN names, where the settings say that it is. */
    static TableStream stream(Arn arn, AwsSettings aws) {
        URI streams = aws.endpoints().get(ENDPOINT_KEY);
        URI endpoint = streams == null ? aws.endpoints().get(TABLES_ENDPOINT_KEY) : streams;
        return TableStream.of(arn, aws.region(), endpoint)
                .orElseThrow(() -> new IllegalArgumentException("not a stream of a DynamoDB table: " + arn));
    }

    private DynamoDbStreamsClient client(ServicePlace place) {
        EndpointCredentials found =
                credentials.computeIfAbsent(place, it -> EndpointCredentials.forEndpoint(it.endpoint()));
        return ServiceClients.setUp(DynamoDbStreamsClient.builder(), place, found, CONNECTIONS)
                .build();
    }

    /** Closes the clients; calls still running fail. */
    @Override
    public void close() {
        clients.values().forEach(DynamoDbStreamsClient::close);
        credentials.values().forEach(EndpointCredentials::close);
        clients.clear();
        credentials.clear();
    }
}
