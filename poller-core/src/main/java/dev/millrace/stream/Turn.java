package dev.millrace.stream;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The turn that a shard's machine is taking: its time, what it has decided so far, and the numbers of its calls. */
final class Turn {

    private Instant now;
    private List<ShardCommand> commands = new ArrayList<>();
    private long lastNumber;

    Turn(Instant now) {
        this.now = now;
    }

    void begin(Instant time) {
        now = time;
        commands = new ArrayList<>();
    }

    Instant now() {
        return now;
    }

    /** Whether this time has come. */
    boolean isPast(Instant time) {
        return !now.isBefore(time);
    }

    /** The number of another call; never 0. */
    long number() {
        return ++lastNumber;
    }

    void add(ShardCommand command) {
        commands.add(command);
    }

    void report(ShardNotice notice) {
        add(new ShardCommand.Report(notice));
    }

    List<ShardCommand> commands() {
        return commands;
    }
}
