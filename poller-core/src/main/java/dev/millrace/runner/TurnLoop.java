package dev.millrace.runner;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drives one machine: takes one event at a time from its mailbox and gives it to the machine, whose turn starts calls of
 * I/O; each call ends as one event in the mailbox.
 *
 * <p>There is no thread that owns the machine. The thread whose call has put an event into an empty mailbox takes the turns
 * until it is empty again, and goes on with the first call that its last turn started. A batch thus runs from receive to
 * delete on one thread, without waking another one at each step. The thread in {@link #run} takes no turns: it asks for
 * those that only time brings, and ends calls that take too long.
 */
final class TurnLoop<E> {

    /** A turn is taken at least this often, so that the last one tells whether the loop is alive. */
    static final Duration LONGEST_REST = Duration.ofSeconds(5);
    /** How long calls may take to end after they were cancelled, before they are left behind. */
    private static final Duration CALLS_END = Duration.ofSeconds(2);

    /** The machine and its shell. One thread at a time calls it, and sees what the one before did. */
    interface Turns<E> {
        /** One turn; may call {@link TurnLoop#start}. */
        void turn(E event, Instant now);

        /** No event is waiting at this moment: answers when the next {@link #tick} is due. */
        Instant rest();

        /** The event of time that has passed. */
        E tick();

        boolean finished();
    }

    private final String name;
    private final Turns<E> turns;
    private final InstantSource clock;

    /** Bounded by the calls in flight, each of which puts in one event, and the few events from outside. */
    private final Queue<Supplier<E>> mailbox = new ConcurrentLinkedQueue<>();
    /** Events in the mailbox and in the turn at work. Whoever raises it from zero takes the turns. */
    private final AtomicInteger unsettled = new AtomicInteger();

    private final Set<IoCall<E>> calls = ConcurrentHashMap.newKeySet();
    private final Set<Thread> workers = ConcurrentHashMap.newKeySet();

    /** The call that the thread at its turn will make itself; belongs to that thread. */
    private @Nullable IoCall<E> own;

    private volatile @Nullable Thread timer;
    private volatile Instant wakeup = Instant.MAX;
    private volatile Instant restsUntil = Instant.MAX;
    private volatile Instant lastTurn = Instant.MAX;
    private volatile boolean finished;
    private volatile boolean closed;
    private volatile @Nullable Throwable defect;

    TurnLoop(String name, Turns<E> turns, InstantSource clock) {
        this.name = name;
        this.turns = turns;
        this.clock = clock;
    }

    /**
     * Runs until the machine has finished.
     *
     * @throws IllegalStateException when the machine or a call died of a defect, after all calls have ended
     */
    void run() throws InterruptedException {
        timer = Thread.currentThread();
        try {
            while (!finished && defect == null) {
                tick();
                rest(clock.instant().plus(LONGEST_REST));
                Instant now = clock.instant();
                calls.forEach(call -> call.endIfOverdue(now));
            }
        } finally {
            close();
        }
        Throwable cause = defect;
        if (cause != null) {
            throw new IllegalStateException("a mapping died: " + cause, cause);
        }
    }

    private void tick() {
        // Before the event: the turn that takes it in sets the time anew.
        wakeup = Instant.MAX;
        post(turns::tick);
    }

    private void rest(Instant latest) throws InterruptedException {
        while (!finished && defect == null) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the loop of " + name + " was interrupted");
            }
            Instant until = earlier(wakeup, latest);
            restsUntil = until;
            // Invariant: either this sees a new wakeup, or whoever sets it sees that this rests for too long.
            if (wakeup.isBefore(until)) {
                continue;
            }
            long nanos = Duration.between(clock.instant(), until).toNanos();
            if (nanos <= 0) {
                return;
            }
            LockSupport.parkNanos(this, nanos);
        }
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private void close() throws InterruptedException {
        closed = true;
        calls.forEach(IoCall::cancel);
        Instant until = clock.instant().plus(CALLS_END);
        for (Thread worker : workers) {
            Duration left = Duration.between(clock.instant(), until);
            worker.join(left.isPositive() ? left : Duration.ofMillis(1));
        }
    }

    /**
     * Puts an event into the mailbox; it is made when its turn has come. Any thread, which takes no turns itself: under load
     * they may go on for long, and it has something else to do.
     */
    void post(Supplier<E> event) {
        if (putIn(event)) {
            spawn(this::takeTurns);
        }
    }

    /** Starts a call. Only within a turn. */
    void start(IoCall<E> call) {
        calls.add(call);
        if (closed) {
            call.cancel();
        }
        if (own == null) {
            own = call;
        } else {
            spawn(() -> call);
        }
    }

    /** Answers whether nobody takes the turns, so that this thread has to see to it. */
    private boolean putIn(Supplier<E> event) {
        if (closed || defect != null) {
            return false;
        }
        mailbox.add(event);
        return unsettled.getAndIncrement() == 0;
    }

    /** Takes turns until the mailbox is empty; answers a call that is left for this thread to make. */
    private @Nullable IoCall<E> takeTurns() {
        IoCall<E> left = null;
        do {
            if (left != null) {
                // More turns are waiting, and no call waits for turns.
                IoCall<E> call = left;
                spawn(() -> call);
            }
            try {
                turn();
            } catch (RuntimeException | Error e) {
                // The mailbox stays unsettled, so that no thread touches the machine again.
                die(e);
                return null;
            }
            left = own;
            own = null;
        } while (unsettled.decrementAndGet() > 0);
        return left;
    }

    private void turn() {
        Instant now = clock.instant();
        turns.turn(mailbox.remove().get(), now);
        lastTurn = now;
        if (unsettled.get() == 1) {
            Instant next = turns.rest();
            wakeup = next;
            finished = turns.finished();
            if (finished || next.isBefore(restsUntil)) {
                LockSupport.unpark(timer);
            }
        }
    }

    private void die(Throwable e) {
        defect = e;
        LockSupport.unpark(timer);
    }

    private void spawn(Supplier<@Nullable IoCall<E>> first) {
        Thread worker = Thread.ofVirtual().name(name).unstarted(() -> work(first));
        workers.add(worker);
        worker.start();
    }

    private void work(Supplier<@Nullable IoCall<E>> first) {
        try {
            IoCall<E> call = first.get();
            while (call != null) {
                E event = call.make();
                calls.remove(call);
                call = event != null && putIn(() -> event) ? takeTurns() : null;
            }
        } catch (InterruptedException e) {
            // Its event never comes, and the machine would wait for it without end.
            die(e);
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            die(e);
        } finally {
            workers.remove(Thread.currentThread());
        }
    }

    /** When the last turn was taken; {@link Instant#MAX} before the first. */
    Instant lastTurn() {
        return lastTurn;
    }
}
