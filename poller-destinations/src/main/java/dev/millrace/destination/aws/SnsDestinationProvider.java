package dev.millrace.destination.aws;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationProvider;
import dev.millrace.mapping.Arn;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.sns.SnsClient;

/**
 * Opens SNS topics as destinations, in the region of their ARN unless the mapping has another, at the endpoint override {@code Sns} when there is one.
 * Thread-safe.
 */
public final class SnsDestinationProvider implements DestinationProvider {

    private final SharedClients<SnsClient> clients =
            new SharedClients<>(SnsDestinationProvider::client, SnsClient::close);

    private static SnsClient client(ServicePlace place, AwsCredentialsProvider credentials) {
        return ServiceClients.setUp(SnsClient.builder(), place, credentials, DestinationArn.CONNECTIONS)
                .build();
    }

    @Override
    public boolean serves(String destination) {
        return DestinationArn.of("sns", destination).isPresent();
    }

    @Override
    public Optional<String> problem(String destination) {
        return DestinationArn.regionalProblem("sns", destination, "topic");
    }

    @Override
    public Destination open(String destination, boolean includePayload, AwsSettings aws) {
        Arn topic = DestinationArn.of("sns", destination).orElseThrow();
        ServicePlace place = ServicePlace.of("SNS", "Sns", topic.region(), aws);
        DeliveryFailures failures = new DeliveryFailures(
                destination,
                place,
                "topic",
                "sns:Publish, and kms:GenerateDataKey and kms:Decrypt for an encrypted topic");
        return new MessageDestination(
                message -> publish(clients.at(place), destination, message), includePayload, failures);
    }

    private static void publish(SnsClient client, String topic, String message) {
        client.publish(request -> request.topicArn(topic).message(message));
    }

    @Override
    public void close() {
        clients.close();
    }
}
