package dev.millrace.queue;

import dev.millrace.mapping.MappingRules;
import dev.millrace.mapping.VisibilityNeed;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the queue itself: its visibility timeout, whether the mapping may run on it (spec 1.2 rule 3), and
 * whether it can be read. Reports what changes.
 */
final class QueueWatch {

    /** How often the queue's attributes are read again. */
    static final Duration DESCRIBE_EVERY = Duration.ofMinutes(5);
    /** How often a mapping that was refused looks whether the queue has been mended. */
    static final Duration REFUSED_EVERY = Duration.ofSeconds(30);
    /** How often an outage that goes on is reported again. */
    static final Duration TROUBLE_REPORT_EVERY = Duration.ofMinutes(1);

    /** What may work while the other one does not: rights are given for each call. */
    enum Duty {
        /** Describing the queue before the first receive counts as receiving. */
        RECEIVE,
        DELETE
    }

    private final Duration functionTimeout;
    private final boolean heartbeat;
    private final VisibilityNeed need;
    private final Consumer<QueueNotice> report;

    private @Nullable Duration visibilityTimeout;
    private Instant nextDescribe = Instant.MIN;
    private boolean refused;
    private final Map<Duty, SourceProblem> problems = new EnumMap<>(Duty.class);
    private Instant nextTroubleReport = Instant.MIN;

    QueueWatch(QueuePolicy policy, Consumer<QueueNotice> report) {
        this.functionTimeout = policy.functionTimeout();
        this.heartbeat = policy.options().heartbeat() != null;
        this.need = policy.visibilityNeed();
        this.report = report;
    }

    /** Whether the queue's attributes are to be read now; the answer is awaited from then on. */
    boolean describe(Instant now) {
        if (now.isBefore(nextDescribe)) {
            return false;
        }
        nextDescribe = Instant.MAX;
        return true;
    }

    /** When {@link #describe} answers yes again; {@link Instant#MAX} while an answer is awaited. */
    Instant nextDescribe() {
        return nextDescribe;
    }

    void described(Duration timeout, Instant now) {
        boolean starting = !mayReceive();
        if (starting) {
            recovered(Duty.RECEIVE);
        }
        boolean tooShort = !heartbeat
                && MappingRules.visibilityTimeoutTooShort(timeout, functionTimeout)
                        .isPresent();
        if (tooShort && (starting || !timeout.equals(visibilityTimeout))) {
            report.accept(new QueueNotice.TimeoutExceedsVisibility(timeout, functionTimeout, starting));
        }
        if (!tooShort && !timeout.equals(visibilityTimeout)) {
            need.problem(timeout).ifPresent(text -> report.accept(new QueueNotice.WindowExceedsVisibility(text)));
        }
        refused = tooShort && starting;
        visibilityTimeout = timeout;
        nextDescribe = now.plus(refused ? REFUSED_EVERY : DESCRIBE_EVERY);
    }

    /** The attributes could not be read, which does not matter while the mapping runs. */
    void describeLater(Instant now) {
        nextDescribe = now.plus(DESCRIBE_EVERY);
    }

    /** The attributes could not be read, and the mapping waits for them. */
    void describeFailed(SourceProblem why, Duration pause, Instant now) {
        nextDescribe = now.plus(pause);
        trouble(Duty.RECEIVE, why, pause, now);
    }

    /** A call failed and is not tried again for a while. */
    void trouble(Duty duty, SourceProblem why, Duration pause, Instant now) {
        SourceProblem before = problems.put(duty, why);
        boolean known = before != null && before.kind() == why.kind();
        if (!known || !now.isBefore(nextTroubleReport)) {
            nextTroubleReport = now.plus(TROUBLE_REPORT_EVERY);
            report.accept(new QueueNotice.SourceTrouble(why, pause));
        }
    }

    /** A call succeeded. */
    void recovered(Duty duty) {
        if (problems.remove(duty) != null && problems.isEmpty()) {
            report.accept(new QueueNotice.SourceRecovered());
        }
    }

    /** Nothing is left that could fail or succeed, so nobody knows any more whether it would. */
    void givenUp(Duty duty) {
        problems.remove(duty);
    }

    boolean mayReceive() {
        return visibilityTimeout != null && !refused;
    }

    boolean refused() {
        return refused;
    }

    /** The queue's own; null until it is known. */
    @Nullable
    Duration visibilityTimeout() {
        return visibilityTimeout;
    }

    /** Why the queue cannot be read or messages cannot be deleted; null when all is well. */
    @Nullable
    SourceProblem problem() {
        return problems.isEmpty() ? null : problems.values().iterator().next();
    }
}
