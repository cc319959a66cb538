package dev.millrace.queue;

import dev.millrace.mapping.MappingRules;
import dev.millrace.mapping.VisibilityNeed;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
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

    private final Duration functionTimeout;
    private final boolean heartbeat;
    private final VisibilityNeed need;
    private final Consumer<QueueNotice> report;

    private @Nullable Duration visibilityTimeout;
    private Instant nextDescribe = Instant.MIN;
    private boolean refused;
    private @Nullable SourceProblem problem;
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
        recovered();
        boolean starting = !mayReceive();
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
        trouble(why, pause, now);
    }

    /** The queue could not be read and is left alone for a while. */
    void trouble(SourceProblem why, Duration pause, Instant now) {
        boolean known = problem != null && problem.kind() == why.kind();
        problem = why;
        if (!known || !now.isBefore(nextTroubleReport)) {
            nextTroubleReport = now.plus(TROUBLE_REPORT_EVERY);
            report.accept(new QueueNotice.SourceTrouble(why, pause));
        }
    }

    /** The queue answered. */
    void recovered() {
        if (problem != null) {
            problem = null;
            report.accept(new QueueNotice.SourceRecovered());
        }
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

    /** Why the queue cannot be read; null when it can. */
    @Nullable
    SourceProblem problem() {
        return problem;
    }
}
