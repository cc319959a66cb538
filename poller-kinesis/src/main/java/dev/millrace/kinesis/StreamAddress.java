package dev.millrace.kinesis;

import dev.millrace.aws.ServicePlace;
import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a mapping's ARN names, and where it is reached.
 *
 * @param source the ARN of the mapping: the stream's, or its consumer's for enhanced fan-out
 * @param stream the stream's ARN
 * @param name the stream's name
 * @param place where it is reached
 */
record StreamAddress(Arn source, Arn stream, String name, ServicePlace place) {

    private static final String STREAM = "stream/";
    private static final String CONSUMER = "/consumer/";

    /**
     * Reads {@code stream/NAME} or {@code stream/NAME/consumer/CONSUMER:TIMESTAMP}; empty when the ARN is neither.
     *
     * @param aws where Kinesis is
     */
    static Optional<StreamAddress> of(Arn source, AwsSettings aws) {
        String resource = source.resource();
        if (!source.service().equals("kinesis") || !resource.startsWith(STREAM)) {
            return Optional.empty();
        }
        int consumer = resource.indexOf(CONSUMER);
        String stream = consumer < 0 ? resource : resource.substring(0, consumer);
        String name = stream.substring(STREAM.length());
        if (name.isEmpty() || name.indexOf('/') >= 0 || resource.endsWith(CONSUMER)) {
            return Optional.empty();
        }
        Arn streamArn = new Arn(source.partition(), source.service(), source.region(), source.accountId(), stream);
        return Optional.of(new StreamAddress(
                source, streamArn, name, ServicePlace.of("Kinesis", "Kinesis", source.region(), aws)));
    }

    /** Whether the mapping names a consumer of the stream, for enhanced fan-out. */
    boolean isConsumer() {
        return !source.equals(stream);
    }

    /** Whether the stream is an emulator's. */
    boolean isEmulator() {
        return place.isEmulator();
    }

    /**
     * The stream for requests that take a name or an ARN: the ARN, which alone names a stream of another account; but null
     * at emulators. Not all of those know ARNs, and those that do want their own account in them.
     */
    @Nullable
    String arnForCalls() {
        return isEmulator() ? null : stream.toString();
    }

    /** The stream's name where {@link #arnForCalls()} is null, else null. */
    @Nullable
    String nameForCalls() {
        return isEmulator() ? name : null;
    }
}
