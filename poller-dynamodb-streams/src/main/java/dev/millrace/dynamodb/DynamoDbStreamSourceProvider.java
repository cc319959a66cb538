package dev.millrace.dynamodb;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.config.AwsSettings;
import dev.millrace.filter.DataKey;
import dev.millrace.filter.FilterOperators;
import dev.millrace.filter.RecordFilter;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.StreamSource;
import dev.millrace.source.StreamSourceProvider;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * Opens streams of DynamoDB tables: {@code ...:table/NAME/stream/LABEL}, or {@code latest} as the label for the newest. All
 * streams of one place share their client. Thread-safe.
 *
 * <p>A mapping's stream is reached in the ARN's region unless the mapping has another, at the endpoint override {@code
 * DynamoDbStreams} when there is one, else at {@code DynamoDb}: emulators serve tables and streams at one place.
 */
public final class DynamoDbStreamSourceProvider implements StreamSourceProvider {

    private static final AwsSettings ANYWHERE = new AwsSettings("", "", Map.of());

    /** One read at a time for each shard, and there is one for each partition of a table; opened on demand. */
    private static final int CONNECTIONS = 20_000;

    private final SharedClients<DynamoDbStreamsClient> clients =
            new SharedClients<>(DynamoDbStreamSourceProvider::client, DynamoDbStreamsClient::close);

    @Override
    public boolean serves(Arn arn) {
        return TableStream.of(arn, ANYWHERE).isPresent();
    }

    @Override
    public StreamSource open(EventSourceMapping mapping, AwsSettings aws) {
        TableStream stream = stream(mapping.eventSourceArn(), aws);
        DynamoDbCalls calls = new DynamoDbCalls(clients.at(stream.place()), stream);
        // Whether an operator may be used was decided when the mapping was made; what was accepted then is obeyed here.
        RecordFilter filter = RecordFilter.compile(mapping.filterPatterns(), DataKey.DYNAMODB, FilterOperators.ALL);
        return new DynamoDbStreamSource(
                stream, calls, new ChangeRecords(stream.source().regionOr(aws.region()), filter));
    }

    /** The stream that an ARN names, where the settings say that it is. */
    static TableStream stream(Arn arn, AwsSettings aws) {
        return TableStream.of(arn, aws)
                .orElseThrow(() -> new IllegalArgumentException("not a stream of a DynamoDB table: " + arn));
    }

    private static DynamoDbStreamsClient client(ServicePlace place, AwsCredentialsProvider credentials) {
        return ServiceClients.setUp(DynamoDbStreamsClient.builder(), place, credentials, CONNECTIONS)
                .build();
    }

    /** Closes the clients; calls still running fail. */
    @Override
    public void close() {
        clients.close();
    }
}
