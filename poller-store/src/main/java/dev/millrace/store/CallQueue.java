package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The calls that wait for the commit thread, first come first served. Thread-safe. */
final class CallQueue {

    /** Most calls that wait; further callers wait outside. Twice the most shards a node is meant for. */
    private static final int MOST_WAITING = 10_000;

    /** Most calls of one transaction. Bounds its size: a call may carry a window's state of 1 MB or more. */
    static final int MOST_AT_ONCE = 500;

    private final StoreFile file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition hasCalls = lock.newCondition();
    private final Condition hasRoom = lock.newCondition();
    private final Deque<StoreCall<?>> waiting = new ArrayDeque<>();
    private boolean closed;

    CallQueue(StoreFile file) {
        this.file = file;
    }

    /**
     * Adds a call; waits while too many are there. Whatever is added comes out of {@link #take()}.
     *
     * @throws StoreException when the queue is closed
     */
    void put(StoreCall<?> call) throws StoreException, InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.size() >= MOST_WAITING && !closed) {
                hasRoom.await();
            }
            if (closed) {
                throw new StoreException("the store " + file + " is closed");
            }
            waiting.add(call);
            hasCalls.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for calls and takes them, {@value #MOST_AT_ONCE} at most; none when the queue is closed and nothing is left. */
    List<StoreCall<?>> take() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                hasCalls.awaitUninterruptibly();
            }
            List<StoreCall<?>> taken = new ArrayList<>(Math.min(waiting.size(), MOST_AT_ONCE));
            while (!waiting.isEmpty() && taken.size() < MOST_AT_ONCE) {
                taken.add(waiting.remove());
            }
            hasRoom.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more calls; those that wait are still to be taken. */
    void close() {
        lock.lock();
        try {
            closed = true;
            hasCalls.signalAll();
            hasRoom.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
