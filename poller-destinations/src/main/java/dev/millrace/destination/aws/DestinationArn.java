package dev.millrace.destination.aws;

import dev.millrace.mapping.Arn;
import java.util.Optional;

/** Reads destinations that are ARNs. */
final class DestinationArn {

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
