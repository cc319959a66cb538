package dev.millrace.testkit.dynamodb;

import java.net.URI;
import java.util.Optional;

/**
 * A server that runs already and speaks DynamoDB Streams' protocol, and DynamoDB's on the same port unless it is ours. Its tables are made with
 * {@link TestTable#create}, whatever server it is.
 *
 * @param name for the names of tests
 * @param endpoint where it answers
 * @param region of its ARNs
 * @param account of its ARNs, 12 digits
 * @param faulty the server itself where it is ours, which fails on cue; nothing otherwise
 */
public record DynamoDbEndpoint(
        String name, URI endpoint, String region, String account, Optional<DynamoDbStreamsServer> faulty) {

    /** The ARN of a stream, which may not exist. */
    public String streamArn(String table, String label) {
        return "arn:aws:dynamodb:" + region + ":" + account + ":table/" + table + "/stream/" + label;
    }

    @Override
    public String toString() {
        return name;
    }
}
