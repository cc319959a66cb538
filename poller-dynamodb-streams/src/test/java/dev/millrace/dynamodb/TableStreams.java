package dev.millrace.dynamodb;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.source.StreamSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The sources under test, as the daemon opens them. */
final class TableStreams implements AutoCloseable {

    private static final String REGION = "us-east-1";
    private static final String ACCOUNT = "000000000000";

    private final DynamoDbStreamSourceProvider provider = new DynamoDbStreamSourceProvider();

    static AwsSettings aws(Map<String, URI> endpoints) {
        return new AwsSettings(REGION, ACCOUNT, endpoints);
    }

    /** The stream of this ARN at this place. */
    StreamSource open(String arn, URI endpoint, List<String> filterPatterns) {
        return provider.open(mapping(arn, filterPatterns), aws(Map.of("DynamoDb", endpoint)));
    }

    static EventSourceMapping mapping(String arn, List<String> filterPatterns) {
        return new EventSourceMapping(
                new UUID(0, 1),
                Arn.parse(arn).orElseThrow(),
                FunctionReference.parse("orders-fn", aws(Map.of())).orElseThrow(),
                true,
                100,
                Duration.ZERO,
                filterPatterns,
                false,
                new StreamMembers(
                        StartingPosition.TRIM_HORIZON, null, 1, -1, Duration.ZERO, false, Duration.ZERO, null),
                Set.of(),
                null,
                Map.of(),
                MappingOptions.DEFAULT);
    }

    static URI nothingListens() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        provider.close();
    }
}
