package dev.millrace.aws;

import java.net.URI;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** The URL of one queue, found from the parts of its ARN when it is first needed. Thread-safe. */
public final class SqsQueueUrl {

    private final String account;
    private final String name;
    private final ServicePlace place;

    /** Null until found. Threads that race find the same URL. */
    private volatile @Nullable String url;

    /**
     * Does not call the queue.
     *
     * @param account of the queue, twelve digits
     * @param name of the queue
     * @param place with an endpoint override, the URL's host and port become the override's, since an emulator in a
     *     container answers with a name that only it knows
     */
    public SqsQueueUrl(String account, String name, ServicePlace place) {
        this.account = account;
        this.name = name;
        this.place = place;
    }

    /**
     * Makes a call that needs the URL, after asking SQS for it the first time. Credentials for one queue often do not allow
     * that: AWS's managed policy for pollers does not, and for a queue of another account the answer is then "does not
     * exist". The URL that AWS documents does as well, if the call succeeds with it. Fails as SQS calls do.
     */
    public <T> T call(SqsClient client, Function<String, T> call) {
        String known = url;
        if (known == null) {
            known = ask(client);
            url = known;
        }
        if (known != null) {
            return call.apply(known);
        }
        String documented = base() + "/" + account + "/" + name;
        T answer = call.apply(documented);
        url = documented;
        return answer;
    }

    /** What SQS says; null when it denies that, or that the queue exists. */
    private @Nullable String ask(SqsClient client) {
        GetQueueUrlRequest request = GetQueueUrlRequest.builder()
                .queueName(name)
                .queueOwnerAWSAccountId(account)
                .build();
        try {
            return atEndpoint(client.getQueueUrl(request).queueUrl());
        } catch (SqsException e) {
            return switch (ErrorCodes.refused(e).kind()) {
                case NOT_FOUND, ACCESS_DENIED -> null;
                case THROTTLED, SERVER_ERROR, REJECTED -> throw e;
            };
        }
    }

    private String atEndpoint(String answered) {
        return place.endpoint() == null
                ? answered
                : base() + URI.create(answered).getRawPath();
    }

    private String base() {
        URI endpoint = place.endpoint();
        return endpoint == null
                ? "https://sqs." + place.region() + "."
                        + PartitionMetadata.of(Region.of(place.region())).dnsSuffix()
                : endpoint.getScheme() + "://" + endpoint.getRawAuthority();
    }
}
