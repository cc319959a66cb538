package dev.millrace.sqs;

import dev.millrace.aws.ServicePlace;
import dev.millrace.config.AwsSettings;
import dev.millrace.filter.DataKey;
import dev.millrace.filter.FilterOperators;
import dev.millrace.filter.RecordFilter;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.QueueSource;
import dev.millrace.source.QueueSourceProvider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens SQS queues, standard and FIFO. All queues of one region and endpoint share their clients. Thread-safe.
 *
 * <p>A mapping's queue is reached in the ARN's region, at the endpoint override {@code Sqs} when there is one.
 */
public final class SqsQueueSourceProvider implements QueueSourceProvider {

    private static final String ENDPOINT_KEY = "Sqs";

    private final Map<ServicePlace, SqsClients> clients = new ConcurrentHashMap<>();

    @Override
    public boolean serves(Arn arn) {
        return arn.service().equals("sqs");
    }

    @Override
    public QueueSource open(EventSourceMapping mapping, AwsSettings aws) {
        Arn arn = mapping.eventSourceArn();
        String region = arn.region().isEmpty() ? aws.region() : arn.region();
        ServicePlace place = new ServicePlace("SQS", region, aws.endpoints().get(ENDPOINT_KEY));
        SqsClients shared = clients.computeIfAbsent(place, SqsClients::open);
        // Whether an operator may be used was decided when the mapping was made; what was accepted then is obeyed here.
        RecordFilter filter = RecordFilter.compile(mapping.filterPatterns(), DataKey.BODY, FilterOperators.ALL);
        SqsRecordJson json =
                new SqsRecordJson(arn, region, !mapping.maximumBatchingWindow().isZero());
        return new SqsQueueSource(arn, place, shared, json, filter);
    }

    /** Closes the clients; calls still running fail. */
    @Override
    public void close() {
        clients.values().forEach(SqsClients::close);
        clients.clear();
    }
}
