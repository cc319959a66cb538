package dev.millrace.checkpoint;

import dev.millrace.checkpoint.ShardCheckpoint.Ahead;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The texts in which stores keep positions: short, cheap to write, and readable by people.
 *
 * <pre>
 * start     TRIM_HORIZON | AT_TIMESTAMP 2026-01-01T00:00:00Z | AFTER 4959033827149025...
 * ahead     WHOLE 4959...,,4960...;UNPACKED 4961...
 *                 the keys' name and the marks of lanes, lanes by comma, each factor's lanes by semicolon
 * </pre>
 */
public final class ProgressText {

    private static final String TRIM_HORIZON = "TRIM_HORIZON";
    private static final String AT_TIMESTAMP = "AT_TIMESTAMP ";
    private static final String AFTER = "AFTER ";

    private static final char KEYING_END = ' ';
    private static final char LANE_END = ',';
    private static final char AHEAD_END = ';';

    private ProgressText() {}

    public static String of(ReadPosition position) {
        return switch (position) {
            case ReadPosition.TrimHorizon _ -> TRIM_HORIZON;
            case ReadPosition.AtTimestamp(Instant timestamp) -> AT_TIMESTAMP + timestamp;
            case ReadPosition.After(SequenceNumber number) -> AFTER + number;
        };
    }

    /**
     * Reads what {@link #of(ReadPosition)} wrote.
     *
     * @throws IllegalArgumentException when it is something else
     * @throws java.time.DateTimeException when its time is none
     */
    public static ReadPosition position(String text) {
        if (text.equals(TRIM_HORIZON)) {
            return new ReadPosition.TrimHorizon();
        }
        if (text.startsWith(AT_TIMESTAMP)) {
            return new ReadPosition.AtTimestamp(Instant.parse(text.substring(AT_TIMESTAMP.length())));
        }
        if (text.startsWith(AFTER)) {
            return new ReadPosition.After(SequenceNumber.of(text.substring(AFTER.length())));
        }
        throw new IllegalArgumentException("not a position: " + text);
    }

    /** Null for none. */
    public static @Nullable String of(List<Ahead> aheads) {
        if (aheads.isEmpty()) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < aheads.size(); i++) {
            if (i > 0) {
                text.append(AHEAD_END);
            }
            text.append(aheads.get(i).keying().name()).append(KEYING_END);
            List<@Nullable SequenceNumber> marks = aheads.get(i).marks();
            for (int lane = 0; lane < marks.size(); lane++) {
                if (lane > 0) {
                    text.append(LANE_END);
                }
                SequenceNumber mark = marks.get(lane);
                if (mark != null) {
                    text.append(mark);
                }
            }
        }
        return text.toString();
    }

    /**
     * Reads what {@link #of(List)} wrote.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static List<Ahead> aheads(@Nullable String text) {
        List<Ahead> aheads = new ArrayList<>();
        if (text != null) {
            for (String ahead : split(text, AHEAD_END)) {
                aheads.add(ahead(ahead));
            }
        }
        return aheads;
    }

    private static Ahead ahead(String text) {
        int end = text.indexOf(KEYING_END);
        if (end < 0) {
            throw new IllegalArgumentException("not the marks of lanes: " + text);
        }
        List<@Nullable SequenceNumber> marks = new ArrayList<>();
        for (String mark : split(text.substring(end + 1), LANE_END)) {
            marks.add(mark.isEmpty() ? null : SequenceNumber.of(mark));
        }
        return new Ahead(Keying.valueOf(text.substring(0, end)), marks);
    }

    /** The parts between the ends, empty ones too. */
    private static String[] split(String text, char end) {
        return text.split(String.valueOf(end), -1);
    }

    public static @Nullable String of(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    public static @Nullable Instant time(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }

    public static @Nullable String of(@Nullable SequenceNumber number) {
        return number == null ? null : number.toString();
    }

    public static @Nullable SequenceNumber number(@Nullable String text) {
        return text == null ? null : SequenceNumber.of(text);
    }
}
