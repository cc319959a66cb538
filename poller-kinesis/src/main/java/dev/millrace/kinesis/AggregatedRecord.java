package dev.millrace.kinesis;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The format in which the Kinesis Producer Library packs several records into one: four fixed bytes, a protobuf message and
 * its MD5. The message has a table of partition keys (field 1), a table of explicit hash keys (2, not needed here), and the
 * records (3), each with the index of its partition key (1), of its explicit hash key (2), its data (3) and tags (4).
 *
 * <p>What is damaged in any way is no aggregate but an ordinary record, as for every reader of this format. Sub-records are
 * never dropped for the hash of their key, as AWS's own unpacking does after a reshard (spec 3.1, P15): each is in one
 * record of one shard only.
 */
final class AggregatedRecord {

    private static final byte[] MAGIC = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
    private static final int DIGEST_BYTES = 16;

    private static final int PARTITION_KEYS = 1;
    private static final int RECORDS = 3;
    private static final int PARTITION_KEY_INDEX = 1;
    private static final int DATA = 3;

    /** One of the packed records. */
    static final class SubRecord {
        private final String partitionKey;
        private final byte[] data;

        private SubRecord(String partitionKey, byte[] data) {
            this.partitionKey = partitionKey;
            this.data = data;
        }

        String partitionKey() {
            return partitionKey;
        }

        /** Not to be changed. */
        byte[] data() {
            return data;
        }
    }

    private AggregatedRecord() {}

    /** The packed records in order; empty when the data is no aggregate, or a damaged or empty one. */
    static List<SubRecord> parse(byte[] data) {
        if (!startsWithMagic(data) || !hasItsDigest(data)) {
            return List.of();
        }
        try {
            return subRecords(new ProtobufReader(data, MAGIC.length, data.length - DIGEST_BYTES));
        } catch (ProtobufReader.DamagedException e) {
            return List.of();
        }
    }

    private static boolean startsWithMagic(byte[] data) {
        return data.length >= MAGIC.length + DIGEST_BYTES
                && Arrays.equals(data, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    private static boolean hasItsDigest(byte[] data) {
        int end = data.length - DIGEST_BYTES;
        MessageDigest md5 = md5();
        md5.update(data, MAGIC.length, end - MAGIC.length);
        return Arrays.equals(md5.digest(), 0, DIGEST_BYTES, data, end, data.length);
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }

    private static List<SubRecord> subRecords(ProtobufReader message) throws ProtobufReader.DamagedException {
        List<String> keys = new ArrayList<>();
        List<ProtobufReader> packed = new ArrayList<>();
        while (message.next()) {
            switch (message.field()) {
                case PARTITION_KEYS -> keys.add(message.text());
                case RECORDS -> packed.add(message.message());
                default -> message.skip();
            }
        }
        // After all else was read: nothing says that the tables come first.
        List<SubRecord> records = new ArrayList<>(packed.size());
        for (ProtobufReader record : packed) {
            records.add(subRecord(record, keys));
        }
        return records;
    }

    private static SubRecord subRecord(ProtobufReader record, List<String> keys)
            throws ProtobufReader.DamagedException {
        long key = -1;
        byte[] data = null;
        while (record.next()) {
            switch (record.field()) {
                case PARTITION_KEY_INDEX -> key = record.number();
                case DATA -> data = record.bytes();
                default -> record.skip();
            }
        }
        if (data == null || key < 0 || key >= keys.size()) {
            throw new ProtobufReader.DamagedException("a record without data or key");
        }
        return new SubRecord(keys.get((int) key), data);
    }
}
