package dev.millrace.source;

/**
 * A record's position in its shard, compared as a number and printed as the stream printed it (spec 4.4): the texts differ
 * in length, so comparing them as texts would put them out of order.
 */
public final class SequenceNumber implements Comparable<SequenceNumber> {

    private final String text;
    /** Where the digits begin that count. */
    private final int start;

    private SequenceNumber(String text, int start) {
        this.text = text;
        this.start = start;
    }

    /**
     * Reads a sequence number.
     *
     * @throws IllegalArgumentException when the text is not made of 1 or more ASCII digits
     */
    public static SequenceNumber of(String text) {
        if (!isSequenceNumber(text)) {
            throw new IllegalArgumentException("not a sequence number: " + text);
        }
        int start = 0;
        while (start < text.length() - 1 && text.charAt(start) == '0') {
            start++;
        }
        return new SequenceNumber(text, start);
    }

    /** Whether {@link #of} takes the text. */
    public static boolean isSequenceNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    @Override
    public int compareTo(SequenceNumber other) {
        int digits = text.length() - start;
        int otherDigits = other.text.length() - other.start;
        if (digits != otherDigits) {
            return Integer.compare(digits, otherDigits);
        }
        for (int i = 0; i < digits; i++) {
            int difference = text.charAt(start + i) - other.text.charAt(other.start + i);
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }

    public boolean isAfter(SequenceNumber other) {
        return compareTo(other) > 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceNumber that && compareTo(that) == 0;
    }

    @Override
    public int hashCode() {
        int hash = 0;
        for (int i = start; i < text.length(); i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash;
    }

    /** As the stream printed it. */
    @Override
    public String toString() {
        return text;
    }
}
