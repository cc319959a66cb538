package dev.millrace.stream;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;

/** Virtual time: what is still to happen, in order. */
final class Agenda {

    private record Entry(Instant at, long order, Runnable action) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Entry> entries = new PriorityQueue<>();
    private long order;
    Instant now;

    Agenda(Instant start) {
        this.now = start;
    }

    void in(Duration time, Runnable action) {
        entries.add(new Entry(now.plus(time), order++, action));
    }

    /** At this time, or at once when it has passed. */
    void at(Instant time, Runnable action) {
        entries.add(new Entry(time.isBefore(now) ? now : time, order++, action));
    }

    /** Does what is next; answers whether there was anything. */
    boolean step() {
        Entry next = entries.poll();
        if (next == null) {
            return false;
        }
        now = next.at();
        next.action().run();
        return true;
    }
}
