package dev.millrace.source;

/**
 * A record's position in its shard, compared as a number and printed as the stream printed it (spec 4.4): the texts differ
 * in length, so comparing them as texts would put them out of order.
 *
 * <p>One record of the stream may carry several records of its producer, all under its one number (aggregation, spec 3.1).
 * Unpacked, they are told apart by a second number, from 1; a record that is not unpacked has 0 there. So the position of a
 * whole record is before those of its sub-records, and {@link ReadPosition.After} it means after all of them.
 */
public final class SequenceNumber implements Comparable<SequenceNumber> {

    private static final char SEPARATOR = ':';

    /** Far more digits than sub-records fit into a record, and few enough for an int. */
    private static final int MOST_SUB_DIGITS = 9;

    private final String digits;
    /** The digits that count. */
    private final String number;

    private final int sub;

    private SequenceNumber(String digits, String number, int sub) {
        this.digits = digits;
        this.number = number;
        this.sub = sub;
    }

    /**
     * Reads a sequence number: digits as a stream prints them, or what {@link #toString} gave.
     *
     * @throws IllegalArgumentException when the text is neither
     */
    public static SequenceNumber of(String text) {
        int separator = text.indexOf(SEPARATOR);
        String digits = separator < 0 ? text : text.substring(0, separator);
        int sub = separator < 0 ? 0 : sub(text.substring(separator + 1));
        if (!isSequenceNumber(digits) || sub < 0) {
            throw new IllegalArgumentException("not a sequence number: " + text);
        }
        return new SequenceNumber(digits, withoutLeadingZeros(digits), sub);
    }

    /** The number of a sub-record, or -1 when the text is none. */
    private static int sub(String text) {
        return isSequenceNumber(text) && text.charAt(0) != '0' && text.length() <= MOST_SUB_DIGITS
                ? Integer.parseInt(text)
                : -1;
    }

    /** Whether the text is one as a stream prints it: 1 or more ASCII digits. */
    public static boolean isSequenceNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static String withoutLeadingZeros(String digits) {
        int start = 0;
        while (start < digits.length() - 1 && digits.charAt(start) == '0') {
            start++;
        }
        return start == 0 ? digits : digits.substring(start);
    }

    /**
     * The position of a sub-record of this record.
     *
     * @param index from 1
     */
    public SequenceNumber subRecord(int index) {
        if (index < 1) {
            throw new IllegalArgumentException("sub-records count from 1, not " + index);
        }
        return new SequenceNumber(digits, number, index);
    }

    /** Which of its record's sub-records this is, from 1; 0 for a whole record. */
    public int sub() {
        return sub;
    }

    /** The stream's number alone, as the stream printed it: what events, functions and destinations know. */
    public String digits() {
        return digits;
    }

    /** Whether both are positions in one record of the stream, or the same one. */
    public boolean isSameRecord(SequenceNumber other) {
        return number.equals(other.number);
    }

    /**
     * Whether whoever is done up to and with this position is done with the other one: a whole record is done when all of its
     * sub-records are, and only then.
     */
    public boolean includes(SequenceNumber other) {
        if (isSameRecord(other)) {
            return sub == 0 || (other.sub != 0 && other.sub <= sub);
        }
        return !other.isAfter(this);
    }

    @Override
    public int compareTo(SequenceNumber other) {
        int length = number.length();
        int otherLength = other.number.length();
        if (length != otherLength) {
            return Integer.compare(length, otherLength);
        }
        int difference = number.compareTo(other.number);
        return difference == 0 ? Integer.compare(sub, other.sub) : difference;
    }

    public boolean isAfter(SequenceNumber other) {
        return compareTo(other) > 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceNumber that && sub == that.sub && number.equals(that.number);
    }

    @Override
    public int hashCode() {
        return 31 * number.hashCode() + sub;
    }

    /** Text to store, which {@link #of} reads: the digits, and for a sub-record a colon and which one it is. */
    @Override
    public String toString() {
        return sub == 0 ? digits : digits + SEPARATOR + sub;
    }
}
