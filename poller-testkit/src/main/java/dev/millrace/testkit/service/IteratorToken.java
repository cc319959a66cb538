package dev.millrace.testkit.service;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a shard iterator says; the server keeps none.
 *
 * @param streamCreated tells a stream from an earlier one of its name
 * @param index of the record that the next read begins with
 * @param generation raised whenever all iterators expire at once
 */
public record IteratorToken(
        String stream, Instant streamCreated, String shardId, long index, Instant issued, int generation) {

    /** A shard iterator of Kinesis begins in this way, too. */
    private static final String BEGINNING = "AAAAAAAAAA";

    private static final Pattern FORM = Pattern.compile("([^|]+)\\|(-?\\d+)\\|([^|]+)\\|(\\d+)\\|(-?\\d+)\\|(\\d+)");

    /** What the iterator in a request says; nothing where there is none, or one that the operation will refuse. */
    public static Optional<IteratorToken> in(Request request) {
        try {
            return request.text("ShardIterator").map(IteratorToken::parse);
        } catch (Refusal e) {
            return Optional.empty();
        }
    }

    /** Reads a shard iterator. */
    public static IteratorToken parse(String iterator) {
        if (iterator.startsWith(BEGINNING)) {
            Matcher parts = FORM.matcher(decoded(iterator.substring(BEGINNING.length())));
            if (parts.matches()) {
                return new IteratorToken(
                        parts.group(1),
                        Instant.ofEpochMilli(Long.parseLong(parts.group(2))),
                        parts.group(3),
                        Long.parseLong(parts.group(4)),
                        Instant.ofEpochMilli(Long.parseLong(parts.group(5))),
                        Integer.parseInt(parts.group(6)));
            }
        }
        throw Refusal.invalidArgument("Invalid ShardIterator.");
    }

    private static String decoded(String text) {
        try {
            return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** The shard iterator as clients see it. */
    public String print() {
        String text = stream + "|" + streamCreated.toEpochMilli() + "|" + shardId + "|" + index + "|"
                + issued.toEpochMilli() + "|" + generation;
        return BEGINNING + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
