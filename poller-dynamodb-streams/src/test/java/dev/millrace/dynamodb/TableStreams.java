package dev.millrace.dynamodb;

import dev.millrace.config.AwsSettings;
import dev.millrace.source.StreamSource;
import dev.millrace.testkit.TestMappings;
import java.net.URI;
import java.util.List;
import java.util.Map;

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
        return provider.open(TestMappings.ofStream(arn, filterPatterns), aws(Map.of("DynamoDb", endpoint)));
    }

    @Override
    public void close() {
        provider.close();
    }
}
