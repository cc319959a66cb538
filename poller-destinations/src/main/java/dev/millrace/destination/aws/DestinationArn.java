package dev.millrace.destination.aws;

import dev.millrace.mapping.Arn;
import java.util.Optional;

/** What destinations have in common that are ARNs. */
final class DestinationArn {

    /**
     * Most connections of one client. Each delivery takes one, and discards come in waves: when a function is broken, every
     * lane of every shard has one at the same time.
     */
    static final int CONNECTIONS = 2_000;

    private DestinationArn() {}

    /** The ARN when it is one of this service. */
    static Optional<Arn> of(String service, String destination) {
        return Arn.parse(destination).filter(arn -> arn.service().equals(service));
    }

    /** What is wrong with the ARN of a thing that has a region, an account and a name. */
    static Optional<String> regionalProblem(String service, String destination, String thing) {
        return of(service, destination)
                .filter(arn -> arn.region().isEmpty()
                        || arn.accountId().isEmpty()
                        || arn.resource().contains(":")
                        || arn.resource().contains("/"))
                .map(_ -> "'" + destination + "' is not the ARN of a " + thing + "; write arn:aws:" + service
                        + ":REGION:ACCOUNT:NAME");
    }
}
