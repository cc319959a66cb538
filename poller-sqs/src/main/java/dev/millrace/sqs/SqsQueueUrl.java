package dev.millrace.sqs;

import dev.millrace.aws.CallFailure;
import dev.millrace.mapping.Arn;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** The URL of one queue, found from its ARN when first asked for. Thread-safe. */
final class SqsQueueUrl {

    private final Arn queue;
    private final String region;
    private final @Nullable URI endpoint;

    /** Null until found. Threads that race find the same URL. */
    private volatile @Nullable String url;

    /**
     * Does not call the queue.
     *
     * @param endpoint override; the URL's host and port become this one's, since an emulator in a container answers with a
     *     name that only it knows
     */
    SqsQueueUrl(Arn queue, String region, @Nullable URI endpoint) {
        this.queue = queue;
        this.region = region;
        this.endpoint = endpoint;
    }

    /** The URL, asked from SQS the first time. Fails as SQS calls do. */
    String get(SqsClient client) {
        String known = url;
        if (known == null) {
            known = find(client);
            url = known;
        }
        return known;
    }

    /** Where the queue is looked for, for people. */
    String place() {
        return endpoint == null ? "SQS in " + region : endpoint.toString();
    }

    private String find(SqsClient client) {
        GetQueueUrlRequest request = GetQueueUrlRequest.builder()
                .queueName(queue.resource())
                .queueOwnerAWSAccountId(queue.accountId())
                .build();
        try {
            return atEndpoint(client.getQueueUrl(request).queueUrl());
        } catch (SqsException e) {
            if (!SqsFailures.isNotFound(e) && !CallFailure.isAccessDenied(e)) {
                throw e;
            }
        }
        // AWS's managed policy for pollers does not allow GetQueueUrl, and for a queue of another account the answer to
        // that is "does not exist". The URL that AWS documents does as well, if the queue answers there.
        String documented = documentedUrl();
        client.getQueueAttributes(
                attributes -> attributes.queueUrl(documented).attributeNames(QueueAttributeName.VISIBILITY_TIMEOUT));
        return documented;
    }

    private String atEndpoint(String answered) {
        return endpoint == null ? answered : base() + URI.create(answered).getRawPath();
    }

    private String documentedUrl() {
        return base() + "/" + queue.accountId() + "/" + queue.resource();
    }

    private String base() {
        return endpoint == null
                ? "https://sqs." + region + "."
                        + PartitionMetadata.of(Region.of(region)).dnsSuffix()
                : endpoint.getScheme() + "://" + endpoint.getRawAuthority();
    }
}
