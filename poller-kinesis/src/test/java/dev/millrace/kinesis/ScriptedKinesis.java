package dev.millrace.kinesis;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.Arn;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryRequest;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryResponse;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;

/** A client of the SDK that answers as told and remembers what it was asked, for what no server answers. */
final class ScriptedKinesis implements KinesisClient {

    static final StreamAddress AWS = address("arn:aws:kinesis:us-east-2:111122223333:stream/orders", null);

    final List<GetShardIteratorRequest> iterators = new ArrayList<>();
    final List<GetRecordsRequest> reads = new ArrayList<>();
    final Deque<Supplier<GetRecordsResponse>> answers = new ArrayDeque<>();
    final List<ListShardsRequest> lists = new ArrayList<>();

    @Nullable
    String date;

    int retentionHours = 24;

    static StreamAddress address(String arn, @Nullable String endpoint) {
        Map<String, URI> endpoints = endpoint == null ? Map.of() : Map.of("Kinesis", URI.create(endpoint));
        return StreamAddress.of(Arn.parse(arn).orElseThrow(), new AwsSettings("us-east-1", "000000000000", endpoints))
                .orElseThrow();
    }

    KinesisCalls calls() {
        return new KinesisCalls(this, AWS);
    }

    ScriptedKinesis answer(GetRecordsResponse response) {
        answers.add(() -> response);
        return this;
    }

    ScriptedKinesis fail(RuntimeException failure) {
        answers.add(() -> {
            throw failure;
        });
        return this;
    }

    static GetRecordsResponse.Builder records(Record... records) {
        return GetRecordsResponse.builder()
                .records(records)
                .nextShardIterator("next")
                .millisBehindLatest(0L);
    }

    static Record.Builder record(String number) {
        return Record.builder()
                .sequenceNumber(number)
                .partitionKey("k")
                .data(SdkBytes.fromUtf8String("data"))
                .approximateArrivalTimestamp(Instant.EPOCH);
    }

    @Override
    public DescribeStreamSummaryResponse describeStreamSummary(DescribeStreamSummaryRequest request) {
        return DescribeStreamSummaryResponse.builder()
                .streamDescriptionSummary(summary -> summary.retentionPeriodHours(retentionHours))
                .build();
    }

    /** Pages without end. */
    @Override
    public ListShardsResponse listShards(ListShardsRequest request) {
        lists.add(request);
        return ListShardsResponse.builder().nextToken("more").build();
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
        return "kinesis";
    }

    @Override
    public void close() {}
}
