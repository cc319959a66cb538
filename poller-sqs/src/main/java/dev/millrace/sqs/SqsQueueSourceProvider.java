package dev.millrace.sqs;

import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.config.AwsSettings;
import dev.millrace.filter.DataKey;
import dev.millrace.filter.FilterOperators;
import dev.millrace.filter.RecordFilter;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.QueueSource;
import dev.millrace.source.QueueSourceProvider;

/**
 * Opens SQS queues, standard and FIFO. All queues of one place share their clients. Thread-safe.
 *
 * <p>A mapping's queue is reached in the ARN's region unless the mapping has another, at the endpoint override {@code Sqs}
 * when there is one.
 */
public final class SqsQueueSourceProvider implements QueueSourceProvider {

    private static final String SERVICE = "Sqs";

    private final SharedClients<SqsClients> clients = new SharedClients<>(SqsClients::open, SqsClients::close);

    @Override
    public boolean serves(Arn arn) {
        return arn.service().equals("sqs");
    }

    @Override
    public QueueSource open(EventSourceMapping mapping, AwsSettings aws) {
        Arn arn = mapping.eventSourceArn();
        ServicePlace place = ServicePlace.of("SQS", SERVICE, arn.region(), aws);
        SqsClients shared = clients.at(place);
        // Whether an operator may be used was decided when the mapping was made; what was accepted then is obeyed here.
        RecordFilter filter = RecordFilter.compile(mapping.filterPatterns(), DataKey.BODY, FilterOperators.ALL);
        SqsRecordJson json = new SqsRecordJson(
                arn,
                arn.regionOr(aws.region()),
                !mapping.maximumBatchingWindow().isZero());
        return new SqsQueueSource(arn, place, shared, json, filter);
    }

    /** Closes the clients; calls still running fail. */
    @Override
    public void close() {
        clients.close();
    }
}
