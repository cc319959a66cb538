package dev.millrace.testkit.dynamodb.model;

import java.math.BigInteger;
import java.util.OptionalLong;

/**
 * The sequence numbers of a stream, which a position, counted from 0, stands for. They ascend as numbers, as DynamoDB's do. Their
 * length grows from 21 digits to 22 behind position {@value #SHORTER}, so that nobody gets away with comparing texts.
 */
final class SequenceNumbers {

    private static final int SHORTER = 100;
    private static final BigInteger FIRST = BigInteger.TEN.pow(21).subtract(BigInteger.valueOf(SHORTER));

    /** What the API takes for a sequence number. */
    private static final String FORM = "\\d{21,40}";

    private SequenceNumbers() {}

    static String print(long position) {
        return FIRST.add(BigInteger.valueOf(position)).toString();
    }

    /** The position that a number stands for; nothing when it stands for none. */
    static OptionalLong position(String number) {
        if (!number.matches(FORM)) {
            return OptionalLong.empty();
        }
        BigInteger position = new BigInteger(number).subtract(FIRST);
        return position.signum() < 0 || position.bitLength() > 62
                ? OptionalLong.empty()
                : OptionalLong.of(position.longValue());
    }
}
