package dev.millrace.destination.aws;

import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.aws.SqsQueueUrl;
import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationProvider;
import dev.millrace.mapping.Arn;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Opens SQS queues as destinations, in the region of their ARN unless the mapping has another, at the endpoint override {@code Sqs} when there is one.
 * Thread-safe.
 */
public final class SqsDestinationProvider implements DestinationProvider {

    private final SharedClients<SqsClient> clients =
            new SharedClients<>(SqsDestinationProvider::client, SqsClient::close);

    private static SqsClient client(ServicePlace place, AwsCredentialsProvider credentials) {
        return ServiceClients.setUp(SqsClient.builder(), place, credentials, DestinationArn.CONNECTIONS)
                .build();
    }

    @Override
    public boolean serves(String destination) {
        return DestinationArn.of("sqs", destination).isPresent();
    }

    @Override
    public Optional<String> problem(String destination) {
        return DestinationArn.regionalProblem("sqs", destination, "queue");
    }

    @Override
    public Destination open(String destination, boolean includePayload, AwsSettings aws) {
        Arn queue = DestinationArn.of("sqs", destination).orElseThrow();
        ServicePlace place = ServicePlace.of("SQS", "Sqs", queue.region(), aws);
        SqsQueueUrl url = new SqsQueueUrl(queue.accountId(), queue.resource(), place);
        DeliveryFailures failures = new DeliveryFailures(
                destination,
                place,
                "queue",
                "sqs:SendMessage, and kms:GenerateDataKey and kms:Decrypt for an encrypted queue");
        return new MessageDestination(message -> send(clients.at(place), url, message), includePayload, failures);
    }

    private static void send(SqsClient client, SqsQueueUrl url, String message) {
        url.call(
                client, at -> client.sendMessage(request -> request.queueUrl(at).messageBody(message)));
    }

    @Override
    public void close() {
        clients.close();
    }
}
