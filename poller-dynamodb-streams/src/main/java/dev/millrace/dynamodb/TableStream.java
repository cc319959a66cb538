package dev.millrace.dynamodb;

import dev.millrace.aws.ServicePlace;
import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import java.util.Optional;

/**
 * What a mapping's ARN names, and where it is reached.
 *
 * @param source the ARN of the mapping
 * @param table the table's name
 * @param label which of the table's streams: when it was enabled, or {@code latest}
 * @param place where it is reached
 */
record TableStream(Arn source, String table, String label, ServicePlace place) {

    private static final String TABLE = "table/";
    private static final String STREAM = "/stream/";

    /** Stands for the stream that the table has at the time; no label of AWS's is this. */
    private static final String LATEST = "latest";

    /**
     * Reads {@code table/NAME/stream/LABEL}; empty when the ARN is something else.
     *
     * @param aws where DynamoDB Streams is
     */
    static Optional<TableStream> of(Arn source, AwsSettings aws) {
        String resource = source.resource();
        int stream = resource.indexOf(STREAM);
        if (!source.service().equals("dynamodb") || !resource.startsWith(TABLE) || stream < TABLE.length()) {
            return Optional.empty();
        }
        String table = resource.substring(TABLE.length(), stream);
        String label = resource.substring(stream + STREAM.length());
        if (table.isEmpty() || table.indexOf('/') >= 0 || label.isEmpty() || label.indexOf('/') >= 0) {
            return Optional.empty();
        }
        return Optional.of(new TableStream(
                source, table, label, ServicePlace.of("DynamoDB Streams", "DynamoDbStreams", source.region(), aws)));
    }

    /** The label in the ARN of a stream. */
    static String label(String streamArn) {
        return streamArn.substring(streamArn.lastIndexOf('/') + 1);
    }

    /** Whether the mapping names no certain stream, and this is one of those that it may mean. Emulators name a region of their own. */
    boolean standsFor(String streamArn) {
        String streams = TABLE + table + STREAM;
        return isLatest()
                && !streamArn.endsWith(STREAM + LATEST)
                && Arn.parse(streamArn)
                        .filter(arn -> arn.resource().startsWith(streams))
                        .filter(arn -> place.isEmulator() || arn.region().equals(source.region()))
                        .isPresent();
    }

    /** Whether the mapping names the stream that the table has at the time, whichever that is. */
    boolean isLatest() {
        return label.equals(LATEST);
    }
}
