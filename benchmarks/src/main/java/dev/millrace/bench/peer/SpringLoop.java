package dev.millrace.bench.peer;

import io.awspring.cloud.sqs.listener.BackPressureMode;
import io.awspring.cloud.sqs.listener.ListenerMode;
import io.awspring.cloud.sqs.listener.MessageListener;
import io.awspring.cloud.sqs.listener.QueueNotFoundStrategy;
import io.awspring.cloud.sqs.listener.SqsContainerOptionsBuilder;
import io.awspring.cloud.sqs.listener.SqsMessageListenerContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.messaging.Message;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/**
 * Spring Cloud AWS's {@code SqsMessageListenerContainer} with a batch listener, tuned for throughput: one batch per poll,
 * as many polls at a time as the other peers make, constant high throughput instead of the mode that probes first,
 * virtual threads, acknowledgement by batches of ten on success.
 */
public final class SpringLoop {
    private static final int BATCH_SIZE = 10;

    private SpringLoop() {}

    /** Arguments as in {@link PeerArguments}; CLIENT is {@code netty} (the SDK's default) or {@code crt}. */
    public static void main(String[] args) throws InterruptedException {
        PeerArguments arguments = PeerArguments.parse(args);
        FunctionPost function = new FunctionPost(arguments.function(), arguments.concurrency());
        SqsAsyncClient sqs = SqsAsyncClient.builder()
                .httpClient(httpClient(arguments))
                .endpointOverride(arguments.sqs())
                .region(Region.US_EAST_1)
                .credentialsProvider(CannedCredentials.provider())
                .build();
        SqsMessageListenerContainer<String> container = SqsMessageListenerContainer.<String>builder()
                .sqsAsyncClient(sqs)
                .queueNames(arguments.queueUrl())
                .configure(options -> configure(options, arguments.concurrency()))
                .messageListener(new BatchListener(function))
                .build();
        container.start();
        Thread.currentThread().join();
    }

    private static void configure(SqsContainerOptionsBuilder options, int concurrency) {
        SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("listener-");
        threads.setVirtualThreads(true);
        options.listenerMode(ListenerMode.BATCH)
                .maxConcurrentMessages(concurrency * BATCH_SIZE)
                .maxMessagesPerPoll(BATCH_SIZE)
                .pollTimeout(Duration.ofSeconds(20))
                .backPressureMode(BackPressureMode.FIXED_HIGH_THROUGHPUT)
                .componentsTaskExecutor(threads)
                .acknowledgementResultTaskExecutor(threads)
                .acknowledgementThreshold(BATCH_SIZE)
                .queueNotFoundStrategy(QueueNotFoundStrategy.FAIL);
    }

    /** Receives and deletes run beside each other, so each may use as many connections as there are batches. */
    private static SdkAsyncHttpClient httpClient(PeerArguments arguments) {
        int connections = arguments.concurrency() * 2;
        return switch (arguments.client()) {
            case "netty" ->
                NettyNioAsyncHttpClient.builder().maxConcurrency(connections).build();
            case "crt" ->
                AwsCrtAsyncHttpClient.builder().maxConcurrency(connections).build();
            default -> throw new IllegalArgumentException("netty or crt, not " + arguments.client());
        };
    }

    /** Posts the batch; an error leaves it in the queue and in the log. */
    private record BatchListener(FunctionPost function) implements MessageListener<String> {
        @Override
        public void onMessage(Message<String> message) {
            throw new UnsupportedOperationException("the container is in batch mode");
        }

        @Override
        public void onMessage(Collection<Message<String>> messages) {
            try {
                function.post(messages.stream().map(Message::getPayload).toList());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
