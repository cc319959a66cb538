package dev.millrace.testkit.sqs;

import dev.millrace.testkit.ElasticMqServer;
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
 * The servers that each suite marked {@link OnEverySqsServer} runs against, started once per JVM:
 *
 * <ul>
 *   <li>an endpoint named in {@value #ENDPOINT}, and then only that one; {@value #REGION} and {@value #ACCOUNT} tell its
 *       region and account if they are not us-east-1 and 000000000000;
 *   <li>otherwise ElasticMQ in this JVM, and LocalStack in a container where Docker is present.
 * </ul>
 */
public final class SqsServers implements ArgumentsProvider {

    static final String ENDPOINT = "MILLRACE_TEST_SQS_ENDPOINT";
    static final String REGION = "MILLRACE_TEST_SQS_REGION";
    static final String ACCOUNT = "MILLRACE_TEST_SQS_ACCOUNT";

    /** The last image that runs without an account: those numbered by year want a token. */
    private static final DockerImageName LOCALSTACK = DockerImageName.parse("localstack/localstack:4.14.0");

    /** Started when the first suite asks, and running until this JVM ends. */
    private static final class Started {
        private static final List<SqsServer> SERVERS = start();
    }

    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        return all().stream().map(Arguments::of);
    }

    /** All servers of this run. */
    public static List<SqsServer> all() {
        return Started.SERVERS;
    }

    private static List<SqsServer> start() {
        String named = System.getenv(ENDPOINT);
        if (named != null && !named.isBlank()) {
            return List.of(new SqsServer(
                    "endpoint " + named,
                    URI.create(named.strip()),
                    variable(REGION, ElasticMqServer.REGION),
                    variable(ACCOUNT, ElasticMqServer.ACCOUNT)));
        }
        List<SqsServer> servers = new ArrayList<>();
        servers.add(elasticMq());
        localStack().ifPresent(servers::add);
        return List.copyOf(servers);
    }

    private static String variable(String name, String unset) {
        String value = System.getenv(name);
        return value == null || value.isBlank() ? unset : value.strip();
    }

    private static SqsServer elasticMq() {
        ElasticMqServer server = ElasticMqServer.start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-elasticmq"));
        return new SqsServer("ElasticMQ", server.endpoint(), ElasticMqServer.REGION, ElasticMqServer.ACCOUNT);
    }

    @SuppressWarnings("resource") // Testcontainers ends it with this JVM.
    private static Optional<SqsServer> localStack() {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            notice("SKIPPED on LocalStack: no Docker here. Set " + ENDPOINT
                    + " to run these tests against a server of yours.");
            return Optional.empty();
        }
        LocalStackContainer container =
                new LocalStackContainer(LOCALSTACK).withServices(LocalStackContainer.Service.SQS);
        container.start();
        return Optional.of(
                new SqsServer("LocalStack", container.getEndpoint(), container.getRegion(), ElasticMqServer.ACCOUNT));
    }

    @SuppressWarnings("SystemOut") // The notice must be seen whatever the logging.
    private static void notice(String text) {
        System.out.println("[NOTICE] " + text);
    }
}
