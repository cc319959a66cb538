package dev.millrace.testkit.sqs;

import java.net.URI;

/**
 * An SQS-compatible server that runs already.
 *
 * @param name for the names of tests
 * @param endpoint where it answers
 * @param region of its ARNs
 * @param account of its ARNs, 12 digits
 */
public record SqsServer(String name, URI endpoint, String region, String account) {

    public String arn(String queue) {
        return "arn:aws:sqs:" + region + ":" + account + ":" + queue;
    }

    @Override
    public String toString() {
        return name;
    }
}
