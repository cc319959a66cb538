package dev.millrace.dynamodb;

import static dev.millrace.dynamodb.ScriptedStreams.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.DynamodbEvent;
import com.amazonaws.services.lambda.runtime.events.DynamodbEvent.DynamodbStreamRecord;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import dev.millrace.filter.DataKey;
import dev.millrace.filter.FilterOperators;
import dev.millrace.filter.RecordFilter;
import dev.millrace.source.ReadPosition;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.OperationType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.StreamRecord;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/** AWS's own event classes read what we write, field by field. */
class DynamoDbEventTest {

    private static final String ARN =
            "arn:aws:dynamodb:us-east-2:123456789012:table/orders/stream/2026-01-01T00:00:00.000";
    private static final PojoSerializer<DynamodbEvent> AWS =
            LambdaEventSerializers.serializerFor(DynamodbEvent.class, DynamoDbEventTest.class.getClassLoader());
    private static final byte[] BYTES = {0, 1, (byte) 0xFF, 62};

    private static String write(Record record) {
        return new ChangeRecords("us-east-1", RecordFilter.NONE)
                .of(List.of(record), new ReadPosition.TrimHorizon(), ARN)
                .getFirst()
                .json()
                .text();
    }

    private static DynamodbStreamRecord read(String record) {
        return AWS.fromJson(
                        new ByteArrayInputStream(("{\"Records\":[" + record + "]}").getBytes(StandardCharsets.UTF_8)))
                .getRecords()
                .getFirst();
    }

    private static <T> T value(Map<String, T> values, String name) {
        return Objects.requireNonNull(values.get(name));
    }

    private static StreamRecord.Builder change() {
        return StreamRecord.builder()
                .approximateCreationDateTime(NOW)
                .keys(Map.of("id", AttributeValue.fromN("101")))
                .sequenceNumber("4421584500000000017450439091")
                .sizeBytes(26L)
                .streamViewType(StreamViewType.NEW_AND_OLD_IMAGES);
    }

    private static Record.Builder record(StreamRecord.Builder change) {
        return ScriptedStreams.record(change).eventName(OperationType.MODIFY);
    }

    private static String image(Map<String, AttributeValue> image) {
        String written = write(record(change().newImage(image)).build());
        int start = written.indexOf("\"NewImage\":") + "\"NewImage\":".length();
        return written.substring(start, written.indexOf(",\"SequenceNumber\""));
    }

    /** In the order that AWS's own events have (spec 7.1). */
    @Test
    void membersStandInAwsOrder() {
        StreamRecord.Builder change = change().newImage(
                        Map.of("id", AttributeValue.fromN("101"), "Message", AttributeValue.fromS("new")))
                .oldImage(Map.of("id", AttributeValue.fromN("101"), "Message", AttributeValue.fromS("old")));

        assertThat(write(record(change).build()))
                .isEqualTo("{\"eventID\":\"c4ca4238a0b923820dcc509a6f75849b\",\"eventName\":\"MODIFY\","
                        + "\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\",\"awsRegion\":\"us-east-2\","
                        + "\"dynamodb\":{\"ApproximateCreationDateTime\":1767322800.0,"
                        + "\"Keys\":{\"id\":{\"N\":\"101\"}},"
                        + "\"NewImage\":{\"Message\":{\"S\":\"new\"},\"id\":{\"N\":\"101\"}},"
                        + "\"OldImage\":{\"Message\":{\"S\":\"old\"},\"id\":{\"N\":\"101\"}},"
                        + "\"SequenceNumber\":\"4421584500000000017450439091\",\"SizeBytes\":26,"
                        + "\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"},"
                        + "\"eventSourceARN\":\"" + ARN + "\"}");
    }

    @Test
    void everyFieldArrives() {
        DynamodbStreamRecord read = read(write(record(change().newImage(
                                Map.of("id", AttributeValue.fromN("101"), "m", AttributeValue.fromS("a \"b\" é😀")))
                        .oldImage(Map.of("id", AttributeValue.fromN("101"))))
                .build()));

        assertThat(read.getEventID()).isEqualTo("c4ca4238a0b923820dcc509a6f75849b");
        assertThat(read.getEventName()).isEqualTo("MODIFY");
        assertThat(read.getEventVersion()).isEqualTo("1.1");
        assertThat(read.getEventSource()).isEqualTo("aws:dynamodb");
        assertThat(read.getAwsRegion()).isEqualTo("us-east-2");
        assertThat(read.getEventSourceARN()).isEqualTo(ARN);
        assertThat(read.getUserIdentity()).isNull();
        var change = read.getDynamodb();
        assertThat(change.getApproximateCreationDateTime()).isEqualTo(Date.from(NOW));
        assertThat(value(change.getKeys(), "id").getN()).isEqualTo("101");
        assertThat(value(change.getNewImage(), "m").getS()).isEqualTo("a \"b\" é😀");
        assertThat(change.getOldImage()).containsOnlyKeys("id");
        assertThat(change.getSequenceNumber()).isEqualTo("4421584500000000017450439091");
        assertThat(change.getSizeBytes()).isEqualTo(26);
        assertThat(change.getStreamViewType()).isEqualTo("NEW_AND_OLD_IMAGES");
    }

    @Test
    void aDeleteByTimeToLiveBearsTheServicesName() {
        String written = write(record(change().oldImage(Map.of("id", AttributeValue.fromN("101"))))
                .eventName(OperationType.REMOVE)
                .userIdentity(identity -> identity.type("Service").principalId("dynamodb.amazonaws.com"))
                .build());

        assertThat(written)
                .endsWith("},\"userIdentity\":{\"principalId\":\"dynamodb.amazonaws.com\",\"type\":\"Service\"},"
                        + "\"eventSourceARN\":\"" + ARN + "\"}");
        DynamodbStreamRecord read = read(written);
        assertThat(read.getEventName()).isEqualTo("REMOVE");
        assertThat(read.getUserIdentity().getPrincipalId()).isEqualTo("dynamodb.amazonaws.com");
        assertThat(read.getUserIdentity().getType()).isEqualTo("Service");
    }

    @ParameterizedTest
    @CsvSource({
        "2016-11-18T18:49:00Z, 1479494940.0",
        "2026-01-02T03:00:00.999Z, 1767322800.0",
        "1970-01-01T00:00:00Z, 0.0",
    })
    void creationTimesAreWholeSecondsWithAFraction(Instant created, String printed) {
        assertThat(write(record(change().approximateCreationDateTime(created)).build()))
                .contains("{\"ApproximateCreationDateTime\":" + printed + ",\"Keys\"");
    }

    /** What a view type leaves out is absent, not null. */
    @ParameterizedTest
    @EnumSource(
            value = StreamViewType.class,
            mode = Mode.EXCLUDE,
            names = {"UNKNOWN_TO_SDK_VERSION"})
    void imagesAreThereAsTheViewTypeHasThem(StreamViewType view) {
        boolean newImage = view == StreamViewType.NEW_IMAGE || view == StreamViewType.NEW_AND_OLD_IMAGES;
        boolean oldImage = view == StreamViewType.OLD_IMAGE || view == StreamViewType.NEW_AND_OLD_IMAGES;
        StreamRecord.Builder change = change().streamViewType(view);
        Map<String, AttributeValue> image = Map.of("id", AttributeValue.fromN("101"));

        DynamodbStreamRecord read =
                read(write(record(change.newImage(newImage ? image : null).oldImage(oldImage ? image : null))
                        .build()));

        assertThat(read.getDynamodb().getStreamViewType()).isEqualTo(view.toString());
        assertThat(read.getDynamodb().getNewImage() != null).isEqualTo(newImage);
        assertThat(read.getDynamodb().getOldImage() != null).isEqualTo(oldImage);
    }

    @Test
    void serversThatSayLessAreFine() {
        String written = write(record(change().sizeBytes(null).streamViewType((StreamViewType) null))
                .awsRegion(null)
                .eventVersion(null)
                .build());

        assertThat(written)
                .contains("\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\",\"awsRegion\":\"us-east-1\",")
                .contains(",\"SequenceNumber\":\"4421584500000000017450439091\"},\"eventSourceARN\"");
    }

    // ---- attributes ----

    @Test
    void everyTypeOfAttributeIsWritten() {
        SdkBytes bytes = SdkBytes.fromByteArray(BYTES);
        Map<String, AttributeValue> image = new LinkedHashMap<>();
        image.put("s", AttributeValue.fromS("text"));
        image.put("n", AttributeValue.fromN("-1.2345678901234567890123456789012345678E-130"));
        image.put("b", AttributeValue.fromB(bytes));
        image.put("ss", AttributeValue.fromSs(List.of("b", "a")));
        image.put("ns", AttributeValue.fromNs(List.of("2", "1.0")));
        image.put("bs", AttributeValue.fromBs(List.of(bytes, SdkBytes.fromUtf8String("x"))));
        image.put("yes", AttributeValue.fromBool(true));
        image.put("no", AttributeValue.fromBool(false));
        image.put("nul", AttributeValue.fromNul(true));
        image.put(
                "l",
                AttributeValue.fromL(List.of(
                        AttributeValue.fromM(Map.of("deep", AttributeValue.fromL(List.of(AttributeValue.fromN("0"))))),
                        AttributeValue.fromS(""))));
        image.put("m", AttributeValue.fromM(Map.of("k", AttributeValue.fromNul(true))));

        assertThat(image(image))
                .isEqualTo("{\"b\":{\"B\":\"AAH/Pg==\"},\"bs\":{\"BS\":[\"AAH/Pg==\",\"eA==\"]},"
                        + "\"l\":{\"L\":[{\"M\":{\"deep\":{\"L\":[{\"N\":\"0\"}]}}},{\"S\":\"\"}]},"
                        + "\"m\":{\"M\":{\"k\":{\"NULL\":true}}},"
                        + "\"n\":{\"N\":\"-1.2345678901234567890123456789012345678E-130\"},"
                        + "\"no\":{\"BOOL\":false},\"ns\":{\"NS\":[\"2\",\"1.0\"]},\"nul\":{\"NULL\":true},"
                        + "\"s\":{\"S\":\"text\"},\"ss\":{\"SS\":[\"b\",\"a\"]},\"yes\":{\"BOOL\":true}}");
    }

    @Test
    void emptyAttributesKeepTheirTypes() {
        Map<String, AttributeValue> image = Map.of(
                "b", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[0])),
                "l", AttributeValue.fromL(List.of()),
                "m", AttributeValue.fromM(Map.of()),
                "s", AttributeValue.fromS(""));

        assertThat(image(image)).isEqualTo("{\"b\":{\"B\":\"\"},\"l\":{\"L\":[]},\"m\":{\"M\":{}},\"s\":{\"S\":\"\"}}");
    }

    @Test
    void awsReadsEveryTypeOfAttribute() {
        SdkBytes bytes = SdkBytes.fromByteArray(BYTES);
        var read = read(write(record(change().newImage(Map.of(
                                "b", AttributeValue.fromB(bytes),
                                "bs", AttributeValue.fromBs(List.of(bytes)),
                                "ss", AttributeValue.fromSs(List.of("a", "b")),
                                "ns", AttributeValue.fromNs(List.of("1", "2")),
                                "bool", AttributeValue.fromBool(true),
                                "nul", AttributeValue.fromNul(true),
                                "l", AttributeValue.fromL(List.of(AttributeValue.fromN("3.14"))),
                                "m", AttributeValue.fromM(Map.of("k", AttributeValue.fromS("v"))))))
                        .build()))
                .getDynamodb()
                .getNewImage();

        assertThat(value(read, "b").getB()).isEqualTo(ByteBuffer.wrap(BYTES));
        assertThat(value(read, "bs").getBS()).containsExactly(ByteBuffer.wrap(BYTES));
        assertThat(value(read, "ss").getSS()).containsExactly("a", "b");
        assertThat(value(read, "ns").getNS()).containsExactly("1", "2");
        assertThat(value(read, "bool").getBOOL()).isTrue();
        assertThat(value(read, "nul").getNULL()).isTrue();
        assertThat(value(read, "l").getL().getFirst().getN()).isEqualTo("3.14");
        assertThat(value(value(read, "m").getM(), "k").getS()).isEqualTo("v");
    }

    @Test
    void namesAndTextsOfAnyUnicodeArrive() {
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            String name = text(random);
            String value = text(random);

            var read = read(write(record(change().newImage(Map.of(name, AttributeValue.fromS(value))))
                            .build()))
                    .getDynamodb()
                    .getNewImage();

            assertThat(read).containsOnlyKeys(name);
            assertThat(value(read, name).getS()).isEqualTo(value);
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i >= 0; i--) {
            int point = random.nextInt(4) == 0 ? random.nextInt(0x20) : random.nextInt(Character.MAX_CODE_POINT + 1);
            if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
                text.appendCodePoint(point);
            }
        }
        return text.append('.').toString();
    }

    @Test
    void theSameChangeIsAlwaysTheSameBytes() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            names.add("attribute-" + i);
        }
        String first = null;
        for (int round = 0; round < 20; round++) {
            Collections.shuffle(names, new Random(round));
            Map<String, AttributeValue> image = new LinkedHashMap<>();
            names.forEach(name -> image.put(name, AttributeValue.fromM(Map.of("n", AttributeValue.fromS(name)))));
            String written = write(record(change().keys(image).newImage(image)).build());

            assertThat(written).isEqualTo(first == null ? written : first);
            first = written;
        }
    }

    // ---- the item's key ----

    private static String key(Map<String, AttributeValue> keys) {
        return new ChangeRecords("us-east-1", RecordFilter.NONE)
                .of(List.of(record(change().keys(keys)).build()), new ReadPosition.TrimHorizon(), ARN)
                .getFirst()
                .key();
    }

    @Test
    void changesOfOneItemHaveOneKey() {
        Map<String, AttributeValue> oneOrder = new LinkedHashMap<>();
        oneOrder.put("id", AttributeValue.fromS("x"));
        oneOrder.put("at", AttributeValue.fromN("7"));
        Map<String, AttributeValue> another = new LinkedHashMap<>();
        another.put("at", AttributeValue.fromN("7"));
        another.put("id", AttributeValue.fromS("x"));

        assertThat(key(oneOrder)).isEqualTo(key(another)).isEqualTo("{\"at\":{\"N\":\"7\"},\"id\":{\"S\":\"x\"}}");
    }

    @Test
    void changesOfDifferentItemsHaveDifferentKeys() {
        assertThat(List.of(
                        key(Map.of("id", AttributeValue.fromS("1"))),
                        key(Map.of("id", AttributeValue.fromN("1"))),
                        key(Map.of("id", AttributeValue.fromB(SdkBytes.fromUtf8String("1")))),
                        key(Map.of("id", AttributeValue.fromS("a"), "z", AttributeValue.fromS("b"))),
                        key(Map.of("id", AttributeValue.fromS("a\"},\"z\":{\"S\":\"b"))),
                        key(Map.of("id", AttributeValue.fromS("ab"), "z", AttributeValue.fromS(""))),
                        key(Map.of("id", AttributeValue.fromS(""), "z", AttributeValue.fromS("ab")))))
                .doesNotHaveDuplicates();
    }

    // ---- filters ----

    /** Spec 6.3. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'dynamodb':{'NewImage':{'n':{'N':['5']}}}}                                         | true",
                "{'dynamodb':{'NewImage':{'n':{'N':[{'numeric':['=',5]}]}}}}                         | false",
                "{'dynamodb':{'ApproximateCreationDateTime':[{'numeric':['=',1767322800]}]}}         | true",
                "{'dynamodb':{'ApproximateCreationDateTime':[{'numeric':['>',1767322800]}]}}         | false",
                "{'dynamodb':{'Keys':{'id':{'N':['101']}}},'eventName':['INSERT','MODIFY']}          | true",
                "{'eventName':['INSERT']}                                                            | false",
                "{'userIdentity':{'principalId':['dynamodb.amazonaws.com']}}                         | false",
                "{'dynamodb':{'OldImage':{'n':{'N':[{'exists':false}]}}}}                            | true",
            })
    void filtersSeeTheRecord(String pattern, boolean passes) {
        RecordFilter filter =
                RecordFilter.compile(List.of(pattern.replace('\'', '"')), DataKey.DYNAMODB, FilterOperators.DOCUMENTED);

        assertThat(new ChangeRecords("us-east-1", filter)
                        .of(
                                List.of(record(change().newImage(Map.of("n", AttributeValue.fromN("5"))))
                                        .build()),
                                new ReadPosition.TrimHorizon(),
                                ARN)
                        .getFirst()
                        .matched())
                .isEqualTo(passes);
    }
}
