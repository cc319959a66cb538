package dev.millrace.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.kinesis.AggregatedRecord.SubRecord;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AggregatedRecordTest {

    /** Made with AWS's npm package aws-kinesis-agg 4.2.8. */
    private static final byte[] AWS = Base64.getDecoder()
            .decode("84mawgoKY3VzdG9tZXItMQoIa3VuZGUtw6kKCmN1c3RvbWVyLTISFDEyMzQ1Njc4OTAxMjM0NTY3ODkwGgsIABoHeyJuIjox"
                    + "fRoNCAEQABoHeyJuIjoyfRoECAAaABoHCAIaAwD/Chm4np+5oahEfg/5QXalJ0o=");

    @Test
    void readsWhatAwsWrites() {
        List<SubRecord> records = AggregatedRecord.parse(AWS);

        assertThat(records)
                .extracting(SubRecord::partitionKey)
                .containsExactly("customer-1", "kunde-é", "customer-1", "customer-2");
        assertThat(records)
                .extracting(record -> new String(record.data(), StandardCharsets.ISO_8859_1))
                .containsExactly("{\"n\":1}", "{\"n\":2}", "", "\u0000\u00ff\n");
    }

    @Test
    void readsWhatItDoesNotKnowAsIfItWereNotThere() {
        byte[] record = message(field(1, 0), text(3, "data"), field(2, 300), text(4, "tag"), fixed(9, 8), fixed(10, 4));
        byte[] aggregate = Aggregates.of(message(text(3, record), text(99, "new"), fixed(98, 8), text(1, "key")));

        assertThat(AggregatedRecord.parse(aggregate)).singleElement().satisfies(read -> {
            assertThat(read.partitionKey()).isEqualTo("key");
            assertThat(read.data()).asString(StandardCharsets.UTF_8).isEqualTo("data");
        });
    }

    @Test
    void ordinaryRecordsAreNone() {
        for (String text : List.of("", "x", "{\"a\":1}", "a text that is longer than a digest and some bytes more")) {
            assertThat(AggregatedRecord.parse(text.getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
        }
        assertThat(AggregatedRecord.parse(Arrays.copyOf(AWS, 4))).isEmpty();
        assertThat(AggregatedRecord.parse(Arrays.copyOf(AWS, 20))).isEmpty();
    }

    @Test
    void everyDamageMakesItAnOrdinaryRecord() {
        for (int i = 0; i < AWS.length; i++) {
            byte[] damaged = AWS.clone();
            damaged[i] ^= 0x10;

            assertThat(AggregatedRecord.parse(damaged)).as("byte " + i).isEmpty();
            assertThat(AggregatedRecord.parse(Arrays.copyOf(AWS, i)))
                    .as("first " + i)
                    .isEmpty();
        }
    }

    @Test
    void aRightDigestOfNonsenseMakesItNoAggregateEither() {
        List<byte[]> nonsense = List.of(
                message(),
                message(text(1, "a table without records")),
                message(text(1, "key"), text(3, message(field(1, 1), text(3, "no such key")))),
                message(text(1, "key"), text(3, message(field(1, -1), text(3, "no such key")))),
                message(text(1, "key"), text(3, message(text(3, "no key")))),
                message(text(1, "key"), text(3, message(field(1, 0)))),
                message(field(1, 5), field(3, 5)),
                message(text(1, "key"), text(3, message(text(1, "x"), text(3, "data")))),
                new byte[] {0x0A, 0x7F, 1},
                new byte[] {0x0A, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F, 1},
                new byte[] {0x0B},
                new byte[] {0x00, 0x00},
                new byte[] {0x51, 1, 2},
                new byte[] {0x55, 1, 2},
                new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});

        for (byte[] message : nonsense) {
            assertThat(AggregatedRecord.parse(Aggregates.of(message)))
                    .as(Arrays.toString(message))
                    .isEmpty();
        }
    }

    @Test
    void anyBytesAreReadWithoutAnException() {
        Random random = new Random(4711);
        byte[] body = Arrays.copyOfRange(AWS, 4, AWS.length - 16);
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = body.clone();
            for (int j = 0; j < 1 + i % 4; j++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            assertThat(AggregatedRecord.parse(Aggregates.of(changed))).hasSizeLessThan(body.length);
        }
    }

    private static byte[] message(byte[]... fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] field : fields) {
            out.writeBytes(field);
        }
        return out.toByteArray();
    }

    private static byte[] field(int number, long value) {
        return message(Aggregates.varint((long) number << 3), Aggregates.varint(value));
    }

    private static byte[] text(int number, String text) {
        return text(number, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] text(int number, byte[] bytes) {
        return Aggregates.bytes(number, bytes);
    }

    private static byte[] fixed(int number, int bytes) {
        return message(Aggregates.varint(((long) number << 3) | (bytes == 8 ? 1 : 5)), new byte[bytes]);
    }

    /** The format, written from its description. */
    static final class Aggregates {

        private Aggregates() {}

        /** An aggregate of records of one key. */
        static byte[] of(String key, List<String> data) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            body.writeBytes(bytes(1, key.getBytes(StandardCharsets.UTF_8)));
            for (String one : data) {
                body.writeBytes(bytes(3, message(field(1, 0), bytes(3, one.getBytes(StandardCharsets.UTF_8)))));
            }
            return of(body.toByteArray());
        }

        /** An aggregate of this message. */
        static byte[] of(byte[] body) {
            try {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                out.writeBytes(new byte[] {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2});
                out.writeBytes(body);
                out.writeBytes(MessageDigest.getInstance("MD5").digest(body));
                return out.toByteArray();
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }

        private static byte[] bytes(int number, byte[] bytes) {
            return message(varint(((long) number << 3) | 2), varint(bytes.length), bytes);
        }

        private static byte[] varint(long value) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) ((rest & 0x7F) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
            return out.toByteArray();
        }
    }
}
