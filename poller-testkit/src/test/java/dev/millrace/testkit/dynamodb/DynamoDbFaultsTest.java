package dev.millrace.testkit.dynamodb;

import static dev.millrace.testkit.dynamodb.DynamoDbCalls.DESCRIBE;
import static dev.millrace.testkit.dynamodb.DynamoDbCalls.EVERYTHING;
import static dev.millrace.testkit.dynamodb.DynamoDbCalls.GET_ITERATOR;
import static dev.millrace.testkit.dynamodb.DynamoDbCalls.GET_RECORDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testkit.service.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.ExpiredIteratorException;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.InternalServerErrorException;
import software.amazon.awssdk.services.dynamodb.model.LimitExceededException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.TrimmedDataAccessException;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

class DynamoDbFaultsTest {

    private final DynamoDbStreamsServer server = DynamoDbStreamsServer.start();
    private final DynamoDbStreamsClient client = StreamsClients.client(server.endpoint(), DynamoDbStreamsServer.REGION);
    private final FaultyTable table = server.table(TableShape.simple());
    private final String shard = table.openShards().getFirst();

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private DescribeStreamResponse describe() {
        return client.describeStream(request -> request.streamArn(table.streamArn()));
    }

    private String iterator() {
        return StreamsClients.iterator(client, table.streamArn(), shard, ShardIteratorType.TRIM_HORIZON);
    }

    private GetRecordsResponse read(String iterator) {
        return client.getRecords(request -> request.shardIterator(iterator));
    }

    @Test
    void refusesCallsAsDynamoDbDoes() {
        List<Fault.Refused> faults = List.of(
                DynamoDbFault.throttled(),
                DynamoDbFault.limitExceeded(),
                DynamoDbFault.expiredIterator(),
                DynamoDbFault.trimmedData(),
                DynamoDbFault.internalServerError(),
                DynamoDbFault.unavailable(),
                DynamoDbFault.accessDenied(),
                DynamoDbFault.notFound(),
                DynamoDbFault.invalidIterator());
        server.faults().at(GET_RECORDS).next(faults.toArray(Fault[]::new));
        String iterator = iterator();

        List<Class<?>> seen = new ArrayList<>();
        for (Fault.Refused fault : faults) {
            assertThatThrownBy(() -> read(iterator)).isInstanceOfSatisfying(DynamoDbException.class, e -> {
                assertThat(e.statusCode()).isEqualTo(fault.status());
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo(fault.code());
                assertThat(e.awsErrorDetails().errorMessage()).isEqualTo(fault.message());
                assertThat(e.requestId()).isNotBlank();
                seen.add(e.getClass());
            });
        }

        assertThat(seen)
                .contains(
                        LimitExceededException.class,
                        ExpiredIteratorException.class,
                        TrimmedDataAccessException.class,
                        InternalServerErrorException.class,
                        ResourceNotFoundException.class);
        assertThatCode(() -> read(iterator)).doesNotThrowAnyException();
    }

    @Test
    void breaksConnectionsAndAnswers() {
        table.put("a", "v", "x".repeat(10_000));
        String iterator = iterator();
        server.faults()
                .at(GET_RECORDS)
                .next(new Fault.Disconnected(), new Fault.AnswerLost(), new Fault.AnswerCut(), new Fault.Stalled());

        for (int i = 0; i < 4; i++) {
            assertThatThrownBy(() -> read(iterator)).isInstanceOf(SdkClientException.class);
        }

        server.calls().awaitAbandoned(1);
        assertThat(server.calls().struck(GET_RECORDS, table.streamArn(), shard)).isEqualTo(4);
        assertThat(read(iterator).records()).hasSize(1);
    }

    @Test
    void answersLate() {
        Duration late = Duration.ofMillis(200);
        server.faults().at(DESCRIBE).next(new Fault.Delayed(late));

        long before = System.nanoTime();
        describe();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(late);
    }

    @Test
    void liesThatThereIsNothingToReadInTheMiddleOfAShard() {
        table.put("a", "v", "x");
        server.faults().at(GET_RECORDS).next(new Fault.EmptyRead());

        GetRecordsResponse lie = read(iterator());
        GetRecordsResponse truth = read(lie.nextShardIterator());

        assertThat(lie.records()).isEmpty();
        assertThat(truth.records()).hasSize(1);
    }

    @Test
    void changesShardsOnCue() {
        table.put("a", "v", "x");
        server.faults().at(GET_RECORDS).onShard(shard).after(1).next(new Fault.Meanwhile(() -> table.rollOver(shard)));

        GetRecordsResponse before = read(iterator());
        GetRecordsResponse after = read(before.nextShardIterator());

        assertThat(before.records()).hasSize(1);
        assertThat(after.nextShardIterator()).isNull();
        assertThat(describe().streamDescription().shards()).hasSize(2);
    }

    @Test
    void strikesOnlyTheStreamThatIsMeant() {
        FaultyTable other = server.table(TableShape.simple());
        server.faults().at(EVERYTHING).onStream(other.streamArn()).always(DynamoDbFault.limitExceeded());

        assertThatCode(this::describe).doesNotThrowAnyException();
        assertThatThrownBy(() -> client.describeStream(request -> request.streamArn(other.streamArn())))
                .isInstanceOf(LimitExceededException.class);
        assertThat(server.calls().count(GET_ITERATOR)).isZero();
    }
}
