package dev.millrace.testkit.dynamodb;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * The servers that each suite marked {@link OnEveryDynamoDbServer} runs against, started once per JVM:
 *
 * <ul>
 *   <li>an endpoint named in {@value #ENDPOINT}, LocalStack's for instance, and then only that one; {@value #REGION} and
 *       {@value #ACCOUNT} tell its region and account if they are not us-east-1 and 000000000000;
 *   <li>otherwise our own {@link DynamoDbStreamsServer}, and {@link DynamoDbLocal}.
 * </ul>
 */
public final class DynamoDbServers implements ArgumentsProvider {

    static final String ENDPOINT = "MILLRACE_TEST_DYNAMODB_ENDPOINT";
    static final String REGION = "MILLRACE_TEST_DYNAMODB_REGION";
    static final String ACCOUNT = "MILLRACE_TEST_DYNAMODB_ACCOUNT";

    /** Started when the first suite asks, and running until this JVM ends. */
    private static final class Started {
        private static final List<DynamoDbEndpoint> SERVERS = start();
    }

    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        return all().stream().map(Arguments::of);
    }

    /** All servers of this run. */
    public static List<DynamoDbEndpoint> all() {
        return Started.SERVERS;
    }

    private static List<DynamoDbEndpoint> start() {
        String named = System.getenv(ENDPOINT);
        if (named != null && !named.isBlank()) {
            return List.of(new DynamoDbEndpoint(
                    "endpoint " + named,
                    URI.create(named.strip()),
                    variable(REGION, DynamoDbStreamsServer.REGION),
                    variable(ACCOUNT, DynamoDbStreamsServer.ACCOUNT),
                    Optional.empty()));
        }
        return List.of(own(), DynamoDbLocal.shared().asEndpoint());
    }

    @SuppressWarnings("resource") // Serves until this JVM ends.
    private static DynamoDbEndpoint own() {
        return DynamoDbStreamsServer.start().asEndpoint();
    }

    private static String variable(String name, String unset) {
        String value = System.getenv(name);
        return value == null || value.isBlank() ? unset : value.strip();
    }
}
