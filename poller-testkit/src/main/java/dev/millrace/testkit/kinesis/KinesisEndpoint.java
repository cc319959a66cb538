package dev.millrace.testkit.kinesis;

import java.net.URI;
import java.util.Optional;

/**
 * A Kinesis-compatible server that runs already.
 *
 * @param name for the names of tests
 * @param endpoint where it answers
 * @param region of its ARNs
 * @param account of its ARNs, 12 digits
 * @param faulty the server itself where it is ours, which fails on cue; nothing otherwise
 */
public record KinesisEndpoint(
        String name, URI endpoint, String region, String account, Optional<KinesisServer> faulty) {

    public String arn(String stream) {
        return "arn:aws:kinesis:" + region + ":" + account + ":stream/" + stream;
    }

    @Override
    public String toString() {
        return name;
    }
}
