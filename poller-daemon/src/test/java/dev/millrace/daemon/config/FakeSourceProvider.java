package dev.millrace.daemon.config;

import dev.millrace.mapping.Arn;
import dev.millrace.source.EventSourceProvider;
import java.util.Set;

/**
 * Claims to poll whole services; opens nothing.
 *
 * @param services as in ARNs, such as {@code kinesis}
 */
record FakeSourceProvider(Set<String> services) implements EventSourceProvider {

    /** Everything that a mapping may name. */
    static final FakeSourceProvider EVERYTHING = new FakeSourceProvider(Set.of("sqs", "kinesis", "dynamodb"));

    @Override
    public boolean serves(Arn arn) {
        return services.contains(arn.service());
    }

    @Override
    public void close() {}
}
