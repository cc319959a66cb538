package dev.millrace.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.KinesisEvent;
import com.amazonaws.services.lambda.runtime.events.KinesisEvent.KinesisEventRecord;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.Arn;
import dev.millrace.source.SequenceNumber;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AWS's own event classes read what we write, field by field. */
class KinesisEventTest {

    private static final String ARN = "arn:aws:kinesis:us-east-2:123456789012:stream/orders";
    private static final String ROLE = "arn:aws:iam::123456789012:role/millrace";
    private static final String NUMBER = "49590338271490256608559692538361571095921575989136588898";
    private static final Instant ARRIVAL = Instant.parse("2026-01-02T03:00:00.123Z");
    private static final KinesisRecordJson JSON = KinesisRecordJson.of(
                    Arn.parse(ARN).orElseThrow(), "us-east-2", ROLE)
            .forShard("shardId-000000000006");
    private static final PojoSerializer<KinesisEvent> AWS =
            LambdaEventSerializers.serializerFor(KinesisEvent.class, KinesisEventTest.class.getClassLoader());

    @Test
    void everyFieldArrives() {
        byte[] data = new byte[1_000];
        new Random(1).nextBytes(data);

        KinesisEventRecord read = read(write("a \"key\" é😀", data));

        assertThat(read.getEventSource()).isEqualTo("aws:kinesis");
        assertThat(read.getEventVersion()).isEqualTo("1.0");
        assertThat(read.getEventID()).isEqualTo("shardId-000000000006:" + NUMBER);
        assertThat(read.getEventName()).isEqualTo("aws:kinesis:record");
        assertThat(read.getInvokeIdentityArn()).isEqualTo(ROLE);
        assertThat(read.getAwsRegion()).isEqualTo("us-east-2");
        assertThat(read.getEventSourceARN()).isEqualTo(ARN);
        assertThat(read.getKinesis().getKinesisSchemaVersion()).isEqualTo("1.0");
        assertThat(read.getKinesis().getPartitionKey()).isEqualTo("a \"key\" é😀");
        assertThat(read.getKinesis().getSequenceNumber()).isEqualTo(NUMBER);
        assertThat(read.getKinesis().getData().array()).isEqualTo(data);
        assertThat(read.getKinesis().getApproximateArrivalTimestamp()).isEqualTo(ARRIVAL.toString());
    }

    /** The size is known before the bytes are made, and bounds events and memory. */
    @Test
    void theSizeIsExactWhateverTheKey() {
        Random random = new Random(2);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder key = new StringBuilder();
            for (int i = random.nextInt(40); i >= 0; i--) {
                key.append(
                        random.nextBoolean()
                                ? (char) random.nextInt(0x100)
                                : (char) random.nextInt(Character.MAX_VALUE));
            }
            Instant arrival = Instant.ofEpochMilli(random.nextLong(4_000_000_000_000L));
            Payload record = JSON.of(SequenceNumber.of(NUMBER), key.toString(), new byte[random.nextInt(50)], arrival);

            assertThat(record.bytes()).hasSize(Math.toIntExact(record.size()));
        }
    }

    /** As in AWS's sample event (spec 7.1). */
    @Test
    void membersStandInAwsOrder() {
        assertThat(write("1", "Hello, this is a test.".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("{\"kinesis\":{\"kinesisSchemaVersion\":\"1.0\",\"partitionKey\":\"1\",\"sequenceNumber\":\""
                        + NUMBER + "\",\"data\":\"SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==\","
                        + "\"approximateArrivalTimestamp\":1767322800.123},\"eventSource\":\"aws:kinesis\","
                        + "\"eventVersion\":\"1.0\",\"eventID\":\"shardId-000000000006:" + NUMBER + "\","
                        + "\"eventName\":\"aws:kinesis:record\",\"invokeIdentityArn\":\"" + ROLE + "\","
                        + "\"awsRegion\":\"us-east-2\",\"eventSourceARN\":\"" + ARN + "\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "2020-12-09T07:04:35Z, 1607497475.000",
        "2018-12-17T22:10:50.987654321Z, 1545084650.987",
        "2026-01-02T03:00:00.020Z, 1767322800.020",
        "1970-01-01T00:00:00Z, 0.000",
    })
    void arrivalIsInSecondsWithThreeDecimals(String arrival, String printed) {
        byte[] json = JSON.of(SequenceNumber.of("1"), "k", new byte[0], Instant.parse(arrival))
                .bytes();

        assertThat(json)
                .asString(StandardCharsets.UTF_8)
                .contains("\"data\":\"\",\"approximateArrivalTimestamp\":" + printed + "}");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 10_000, 1_000_000})
    void dataOfAnySizeArrives(int size) {
        byte[] data = new byte[size];
        new Random(size).nextBytes(data);

        assertThat(read(write("k", data)).getKinesis().getData().array()).isEqualTo(data);
    }

    @Test
    void subRecordsBearTheStreamsNumber() {
        byte[] json = JSON.of(SequenceNumber.of(NUMBER).subRecord(12), "k", new byte[0], ARRIVAL)
                .bytes();

        KinesisEventRecord read = read(new String(json, StandardCharsets.UTF_8));
        assertThat(read.getKinesis().getSequenceNumber()).isEqualTo(NUMBER);
        assertThat(read.getEventID()).isEqualTo("shardId-000000000006:" + NUMBER);
    }

    private static String write(String key, byte[] data) {
        return new String(JSON.of(SequenceNumber.of(NUMBER), key, data, ARRIVAL).bytes(), StandardCharsets.UTF_8);
    }

    private static KinesisEventRecord read(String... records) {
        String event = Stream.of(records).collect(Collectors.joining(",", "{\"Records\":[", "]}"));
        return AWS.fromJson(new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)))
                .getRecords()
                .getFirst();
    }
}
