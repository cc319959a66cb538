package dev.millrace.testkit.kinesis;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The servers that each suite marked {@link OnEveryKinesisServer} runs against, started once per JVM:
 *
 * <ul>
 *   <li>an endpoint named in {@value #ENDPOINT}, and then only that one; {@value #REGION} and {@value #ACCOUNT} tell its
 *       region and account if they are not us-east-1 and 000000000000;
 *   <li>otherwise our own {@link KinesisServer}, {@link KinesisLocal} where Node.js and its package are present, and LocalStack in a
 *       container where Docker is.
 * </ul>
 */
public final class KinesisServers implements ArgumentsProvider {

    static final String ENDPOINT = "MILLRACE_TEST_KINESIS_ENDPOINT";
    static final String REGION = "MILLRACE_TEST_KINESIS_REGION";
    static final String ACCOUNT = "MILLRACE_TEST_KINESIS_ACCOUNT";

    /** The last image that runs without an account: those numbered by year want a token. */
    private static final DockerImageName LOCALSTACK = DockerImageName.parse("localstack/localstack:4.14.0");

    /** Started when the first suite asks, and running until this JVM ends. */
    private static final class Started {
        private static final List<KinesisEndpoint> SERVERS = start();
    }

    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        return all().stream().map(Arguments::of);
    }

    /** All servers of this run. */
    public static List<KinesisEndpoint> all() {
        return Started.SERVERS;
    }

    private static List<KinesisEndpoint> start() {
        String named = System.getenv(ENDPOINT);
        if (named != null && !named.isBlank()) {
            return List.of(new KinesisEndpoint(
                    "endpoint " + named,
                    URI.create(named.strip()),
                    variable(REGION, KinesisServer.REGION),
                    variable(ACCOUNT, KinesisServer.ACCOUNT),
                    Optional.empty()));
        }
        List<KinesisEndpoint> servers = new ArrayList<>();
        servers.add(own());
        kinesisLocal().ifPresent(servers::add);
        localStack().ifPresent(servers::add);
        return List.copyOf(servers);
    }

    private static String variable(String name, String unset) {
        String value = System.getenv(name);
        return value == null || value.isBlank() ? unset : value.strip();
    }

    @SuppressWarnings("resource") // Serves until this JVM ends.
    private static KinesisEndpoint own() {
        return KinesisServer.start().asEndpoint();
    }

    @SuppressWarnings("resource") // Ends with this JVM.
    private static Optional<KinesisEndpoint> kinesisLocal() {
        Optional<String> obstacle = KinesisLocal.obstacle();
        if (obstacle.isPresent()) {
            notice("SKIPPED on kinesis-local: " + obstacle.get() + ".");
            return Optional.empty();
        }
        return Optional.of(new KinesisEndpoint(
                "kinesis-local",
                KinesisLocal.start().endpoint(),
                KinesisLocal.REGION,
                KinesisLocal.ACCOUNT,
                Optional.empty()));
    }

    @SuppressWarnings("resource") // Testcontainers ends it with this JVM.
    private static Optional<KinesisEndpoint> localStack() {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            notice("SKIPPED on LocalStack: no Docker here. Set " + ENDPOINT
                    + " to run these tests against a server of yours.");
            return Optional.empty();
        }
        LocalStackContainer container =
                new LocalStackContainer(LOCALSTACK).withServices(LocalStackContainer.Service.KINESIS);
        container.start();
        return Optional.of(new KinesisEndpoint(
                "LocalStack", container.getEndpoint(), container.getRegion(), KinesisServer.ACCOUNT, Optional.empty()));
    }

    @SuppressWarnings("SystemOut") // The notice must be seen whatever the logging.
    private static void notice(String text) {
        System.out.println("[NOTICE] " + text);
    }
}
