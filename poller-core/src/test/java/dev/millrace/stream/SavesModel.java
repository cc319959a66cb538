package dev.millrace.stream;

import dev.millrace.checkpoint.SavePace;
import java.time.Duration;
import java.time.Instant;

/** When progress must be stored. */
final class SavesModel {

    private static final Duration CHEAP = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofMinutes(10);
    private static final Duration LINGER = Duration.ofMillis(20);

    private final ShardSimulation.Agenda agenda;
    private long call;
    private int unsaved;
    private int unsavedInvocations;
    private int unsavedInCall;
    private int invocationsInCall;
    private int failures;
    private int mostUnsaved;
    private Duration rest = Duration.ZERO;
    private Instant begun = Instant.MIN;
    /** When the first batch was settled that is not in the call. */
    private Instant settledSince = Instant.MAX;

    private Instant due = Instant.MAX;
    private Instant pausedFrom = Instant.MIN;
    private Instant pausedTo = Instant.MIN;
    private boolean hurried;

    SavesModel(ShardSimulation.Agenda agenda) {
        this.agenda = agenda;
    }

    void begin(int lanes, SavePace pace) {
        mostUnsaved = pace.unsavedPerLane() * lanes;
        rest = pace.interval();
        begun = Instant.MIN;
        settledSince = Instant.MAX;
        call = 0;
        unsaved = 0;
        unsavedInvocations = 0;
        failures = 0;
        due = Instant.MAX;
        pausedFrom = Instant.MIN;
        pausedTo = Instant.MIN;
        hurried = false;
    }

    void settled() {
        unsaved++;
        settledSince = agenda.now.isBefore(settledSince) ? agenda.now : settledSince;
    }

    /** The function has done something of which nothing is stored. */
    void functionDone() {
        unsavedInvocations++;
    }

    void advanced(boolean onlyTime) {
        Instant latest = agenda.now.plus(onlyTime ? IDLE : CHEAP);
        due = latest.isBefore(due) ? latest : due;
    }

    void hurry() {
        hurried = true;
    }

    void start(long number, boolean stopping) {
        check(call == 0, "stores twice at a time");
        check(unsaved > 0 || !agenda.now.isBefore(due) || (stopping && !due.equals(Instant.MAX)), "stores for nothing");
        check(!agenda.now.isBefore(pausedFrom), "stores before its pause is over");
        begun(number);
    }

    void startEnd(long number) {
        check(call == 0, "stores twice at a time");
        check(!agenda.now.isBefore(pausedFrom), "stores before its pause is over");
        begun(number);
    }

    private void begun(long number) {
        call = number;
        begun = agenda.now;
        unsavedInCall = unsaved;
        invocationsInCall = unsavedInvocations;
        due = Instant.MAX;
        settledSince = Instant.MAX;
    }

    void saved(long number) {
        check(number == call, "another call");
        call = 0;
        failures = 0;
        unsaved -= unsavedInCall;
        unsavedInCall = 0;
        unsavedInvocations -= invocationsInCall;
    }

    void failed(long number) {
        check(number == call, "another call");
        call = 0;
        failures++;
        unsavedInCall = 0;
        due = agenda.now;
        long full = Math.min(10_000, 100L << Math.min(20, failures - 1));
        pausedFrom = agenda.now.plusMillis(full - full / 2);
        pausedTo = agenda.now.plusMillis(full);
    }

    int unsaved() {
        return unsaved;
    }

    int unsavedInvocations() {
        return unsavedInvocations;
    }

    boolean inFlight() {
        return call != 0;
    }

    /**
     * Whether the call must have been made by now.
     *
     * @param idle nothing is with the function or the destination
     */
    boolean isDue(boolean idle) {
        boolean something = isBatchDue(idle) || !agenda.now.isBefore(due) || (hurried && !due.equals(Instant.MAX));
        return something && !isPaused();
    }

    private boolean isBatchDue(boolean idle) {
        return unsaved > 0
                && (hurried
                        || (idle && !agenda.now.isBefore(begun.plus(rest)))
                        || unsaved - unsavedInCall >= mostUnsaved / 2
                        || (!settledSince.equals(Instant.MAX)
                                && !agenda.now.isBefore(
                                        settledSince.plus(rest.compareTo(LINGER) > 0 ? rest : LINGER))));
    }

    boolean isPaused() {
        return agenda.now.isBefore(pausedTo);
    }

    boolean isDone() {
        return call == 0 && unsaved == 0 && due.equals(Instant.MAX);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
