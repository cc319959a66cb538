package dev.millrace.aws;

import dev.millrace.config.Authorities;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.CredentialSettings;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import software.amazon.awssdk.services.sqs.SqsClient;

/** A server that takes every call of SQS's client, and clients for it as an adapter opens them. */
final class SqsFake implements AutoCloseable {

    private static final Pattern SIGNER = Pattern.compile("Credential=(?<key>[^/]+)/[^/]+/(?<region>[^/]+)/");

    private final FunctionServer server;
    private final SharedClients<SqsClient> clients = new SharedClients<>(
            (place, credentials) -> ServiceClients.setUp(SqsClient.builder(), place, credentials, 10)
                    .build(),
            SqsClient::close);

    private SqsFake(FunctionServer server) {
        this.server = server;
        server.always(FunctionAnswer.ok("{\"QueueUrls\":[]}").header("Content-Type", "application/x-amz-json-1.0"));
    }

    static SqsFake start() {
        return new SqsFake(FunctionServer.start());
    }

    static SqsFake startTls(SSLContext context) {
        return new SqsFake(FunctionServer.startTls(context, false));
    }

    /** Settings for this server. */
    AwsSettings settings(CredentialSettings credentials, Map<String, URI> more) {
        return settings(credentials, more, Authorities.NONE);
    }

    AwsSettings settings(CredentialSettings credentials, Map<String, URI> more, Authorities authorities) {
        Map<String, URI> endpoints = new HashMap<>(more);
        endpoints.put("Sqs", URI.create(server.url().toString().replaceAll("/$", "")));
        return new AwsSettings(
                "eu-west-1", "000000000000", endpoints, Map.of("Sts", "eu-west-3"), null, credentials, authorities);
    }

    /** The client that an adapter calls with these settings. */
    SqsClient client(AwsSettings aws) {
        return clients.at(ServicePlace.of("SQS", "Sqs", "eu-west-2", aws));
    }

    /** Calls once; answers the access key that the call was signed with. */
    String call(AwsSettings aws) {
        client(aws).listQueues();
        return signer(last());
    }

    FunctionCall last() {
        return server.calls().getLast();
    }

    List<FunctionCall> calls() {
        return server.calls();
    }

    private static String signer(FunctionCall call) {
        Matcher signer = SIGNER.matcher(call.header("Authorization").orElse(""));
        return signer.find() ? signer.group("key") : "";
    }

    @Override
    public void close() {
        clients.close();
        server.close();
    }
}
