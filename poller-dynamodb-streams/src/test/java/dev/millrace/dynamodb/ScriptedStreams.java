package dev.millrace.dynamodb;

import dev.millrace.filter.RecordFilter;
import dev.millrace.mapping.Arn;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamRequest;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsRequest;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.dynamodb.model.ListStreamsRequest;
import software.amazon.awssdk.services.dynamodb.model.ListStreamsResponse;
import software.amazon.awssdk.services.dynamodb.model.OperationType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.Stream;
import software.amazon.awssdk.services.dynamodb.model.StreamDescription;
import software.amazon.awssdk.services.dynamodb.model.StreamRecord;
import software.amazon.awssdk.services.dynamodb.model.StreamStatus;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** A client of the SDK that answers as told and remembers what it was asked, for what no server answers on cue. */
final class ScriptedStreams implements DynamoDbStreamsClient {

    static final String TABLE = "arn:aws:dynamodb:us-east-2:111122223333:table/orders";
    static final String LABEL = "2026-01-01T00:00:00.000";
    static final TableStream AWS = stream(TABLE + "/stream/" + LABEL, null);
    static final Instant NOW = Instant.parse("2026-01-02T03:00:00Z");
    static final String SHARD = "shardId-00000001767322800000-0a1b2c3d";

    final List<GetShardIteratorRequest> iterators = new ArrayList<>();
    final List<GetRecordsRequest> reads = new ArrayList<>();
    final List<DescribeStreamRequest> descriptions = new ArrayList<>();
    final List<ListStreamsRequest> lists = new ArrayList<>();
    private final Deque<Supplier<GetRecordsResponse>> answers = new ArrayDeque<>();

    Function<DescribeStreamRequest, StreamDescription> describe =
            _ -> StreamDescription.builder().streamStatus(StreamStatus.ENABLED).build();
    Function<ListStreamsRequest, ListStreamsResponse> list =
            _ -> ListStreamsResponse.builder().build();

    @Nullable
    String date;

    static TableStream stream(String arn, @Nullable String endpoint) {
        Map<String, URI> endpoints = endpoint == null ? Map.of() : Map.of("DynamoDbStreams", URI.create(endpoint));
        return TableStream.of(Arn.parse(arn).orElseThrow(), TableStreams.aws(endpoints))
                .orElseThrow();
    }

    DynamoDbStreamSource source(TableStream stream) {
        return new DynamoDbStreamSource(
                stream, new DynamoDbCalls(this, stream), new ChangeRecords("us-east-2", RecordFilter.NONE));
    }

    // ---- what it answers ----

    ScriptedStreams answer(GetRecordsResponse.Builder response) {
        answers.add(response::build);
        return this;
    }

    ScriptedStreams fail(RuntimeException failure) {
        answers.add(() -> {
            throw failure;
        });
        return this;
    }

    /** With an iterator that goes on. */
    static GetRecordsResponse.Builder records(Record... records) {
        return GetRecordsResponse.builder().records(records).nextShardIterator("next");
    }

    /** A change of this time. */
    static Record record(int number, Instant created) {
        return record(change(number).approximateCreationDateTime(created)).build();
    }

    /** A change of this moment. */
    static Record record(int number) {
        return record(number, NOW);
    }

    static Record.Builder record(StreamRecord.Builder change) {
        return Record.builder()
                .eventID("c4ca4238a0b923820dcc509a6f75849b")
                .eventName(OperationType.INSERT)
                .eventVersion("1.1")
                .eventSource("aws:dynamodb")
                .awsRegion("us-east-2")
                .dynamodb(change.build());
    }

    static StreamRecord.Builder change(int number) {
        return StreamRecord.builder()
                .approximateCreationDateTime(NOW)
                .keys(Map.of("id", AttributeValue.fromN("101")))
                .sequenceNumber(String.valueOf(number))
                .sizeBytes(26L)
                .streamViewType(StreamViewType.KEYS_ONLY);
    }

    static Shard.Builder shard(String id) {
        return Shard.builder().shardId(id).sequenceNumberRange(range -> range.startingSequenceNumber("1"));
    }

    static Stream listed(String label) {
        return Stream.builder()
                .streamArn(TABLE + "/stream/" + label)
                .streamLabel(label)
                .tableName("orders")
                .build();
    }

    static DynamoDbException failure(int status, String code, String message) {
        return (DynamoDbException) DynamoDbException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .message(message)
                .build();
    }

    // ---- the client ----

    @Override
    public DescribeStreamResponse describeStream(DescribeStreamRequest request) {
        descriptions.add(request);
        return DescribeStreamResponse.builder()
                .streamDescription(describe.apply(request))
                .build();
    }

    @Override
    public ListStreamsResponse listStreams(ListStreamsRequest request) {
        lists.add(request);
        return list.apply(request);
    }

    @Override
    public GetShardIteratorResponse getShardIterator(GetShardIteratorRequest request) {
        iterators.add(request);
        SdkHttpResponse.Builder http = SdkHttpResponse.builder().statusCode(200);
        if (date != null) {
            http.putHeader("Date", date);
        }
        GetShardIteratorResponse.Builder response =
                GetShardIteratorResponse.builder().shardIterator("iterator-" + iterators.size());
        response.sdkHttpResponse(http.build());
        return response.build();
    }

    @Override
    public GetRecordsResponse getRecords(GetRecordsRequest request) {
        reads.add(request);
        return answers.remove().get();
    }

    @Override
    public String serviceName() {
        return "dynamodb";
    }

    @Override
    public void close() {}
}
