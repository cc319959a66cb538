package dev.millrace.testkit.kinesis.model;

import java.math.BigInteger;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * The sequence numbers of one shard: 56 digits, laid out as Kinesis's are. From the left, in hexadecimal digits: 1 of the format,
 * 9 for the second in which the shard was opened, 1 of the shard's number, 16 for the record's index in the shard, 2 unused, 9 for
 * the second of the record's arrival, 8 for the shard's number, 1 of the version. So they ascend within a shard, differ between
 * shards, and those of a child are larger than those of its parents.
 */
final class SequenceNumbers {

    /** The index that no record of a shard reaches; ends a closed shard. */
    private static final long LAST = Long.MAX_VALUE;

    private static final HexFormat HEX = HexFormat.of();
    private static final int HEXADECIMAL = 16;
    private static final int DIGITS = 47;
    private static final int INDEX_FROM = 11;
    private static final int INDEX_TO = INDEX_FROM + 16;

    private final String prefix;
    private final String suffix;
    private final long openedSecond;

    /**
     * @param openedSecond of the epoch; larger than those of the shard's parents
     * @param shardIndex the number in the shard's name
     */
    SequenceNumbers(long openedSecond, int shardIndex) {
        this.openedSecond = openedSecond;
        this.prefix = String.format(Locale.ROOT, "2%09x%x", openedSecond, shardIndex & 0xf);
        this.suffix = String.format(Locale.ROOT, "%08x2", shardIndex);
    }

    /** The number with which the shard begins, before that of every record. */
    String first() {
        return print(0, openedSecond);
    }

    /** The number with which the closed shard ends, behind that of every record. */
    String last() {
        return print(LAST, openedSecond);
    }

    /** The number of the record of this index, counted from 1. */
    String of(long index, Instant arrival) {
        return print(index, arrival.getEpochSecond());
    }

    private String print(long index, long second) {
        String hexadecimal = prefix + HEX.toHexDigits(index) + "00" + HEX.toHexDigits(second, 9) + suffix;
        return new BigInteger(hexadecimal, HEXADECIMAL).toString();
    }

    /** The index of a number of this shard; nothing when it is of another shard, or none at all. */
    OptionalLong index(String number) {
        if (number.isEmpty() || number.length() > 60 || !number.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalLong.empty();
        }
        String hexadecimal = new BigInteger(number).toString(HEXADECIMAL);
        boolean ours = hexadecimal.length() == DIGITS && hexadecimal.startsWith(prefix) && hexadecimal.endsWith(suffix);
        return ours
                ? OptionalLong.of(Long.parseLong(hexadecimal.substring(INDEX_FROM, INDEX_TO), HEXADECIMAL))
                : OptionalLong.empty();
    }
}
