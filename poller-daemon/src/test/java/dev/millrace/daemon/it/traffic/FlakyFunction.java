package dev.millrace.daemon.it.traffic;

import dev.millrace.daemon.it.StreamEvent;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.guarantee.Invocation;
import dev.millrace.testkit.guarantee.Ledger;
import dev.millrace.testkit.guarantee.Sent;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes a little time, fails now and then, and undoes its work when the daemon that called dies meanwhile. The call's target names
 * that daemon. Called on many threads.
 */
public final class FlakyFunction {

    /** Of so many invocations one fails. */
    private static final int FAILS_ONE_IN = 8;

    private static final long WORK_MILLIS_PER_RECORD = 3;

    private final Ledger ledger;
    private final AtomicInteger failures = new AtomicInteger();

    /** A function that tells this ledger. */
    public FlakyFunction(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Processes what the call brings of the feed. */
    public FunctionAnswer process(FunctionCall call, Feed feed) {
        String daemon = call.target().substring(1);
        List<Sent> records = feed.received(call);
        Invocation invocation = ledger.started(daemon, records);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(records.size() * WORK_MILLIS_PER_RECORD));
        // Not by chance: whether an invocation fails must not depend on how threads take turns.
        if (invocation.number() % FAILS_ONE_IN == 0) {
            failures.incrementAndGet();
            ledger.failed(invocation);
            return StreamEvent.error("invocation " + invocation.number());
        }
        return ledger.processed(invocation)
                ? FunctionAnswer.ok("")
                : StreamEvent.error("the work of " + daemon + " is undone");
    }

    /** How many invocations it has failed. */
    public int failures() {
        return failures.get();
    }
}
