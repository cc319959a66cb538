package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * One call of the store on its way through the commit thread. {@link #run} and the two ends belong to that thread, {@link
 * #await} to the caller; the latch hands over between them.
 */
final class StoreCall<T extends @Nullable Object> {

    /** What is to be done with the tables, within a transaction. */
    @FunctionalInterface
    interface Work<T extends @Nullable Object> {

        /**
         * Reads or writes.
         *
         * @throws SQLException when the database failed: the transaction and all its calls fail
         * @throws StoreException when only this call fails; it must not have written anything
         */
        T run(Tables tables) throws SQLException, StoreException;
    }

    /** How a call ended. */
    private record End<T extends @Nullable Object>(
            @Nullable T answer, @Nullable StoreException failure) {}

    private final Work<T> work;
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable End<T> end;

    StoreCall(Work<T> work) {
        this.work = work;
    }

    /** Does the work. Its caller learns of it when the transaction has ended. */
    void run(Tables tables) throws SQLException {
        try {
            end = new End<>(work.run(tables), null);
        } catch (StoreException e) {
            end = new End<>(null, e);
        }
    }

    /** The transaction is durable: the caller goes on. */
    void committed() {
        ended.countDown();
    }

    /** The transaction failed, or there was none. */
    void fail(StoreException failure) {
        end = new End<>(null, failure);
        ended.countDown();
    }

    /** Waits for the end; an interrupted caller leaves, and its work may still be done. */
    T await() throws StoreException, InterruptedException {
        ended.await();
        End<T> how = end;
        if (how == null) {
            throw new IllegalStateException("ended without an end");
        }
        StoreException failure = how.failure;
        if (failure != null) {
            // One failure ends many calls; each caller gets an exception with its own stack trace.
            throw new StoreException(String.valueOf(failure.getMessage()), failure);
        }
        return answerOf(how);
    }

    @SuppressWarnings("NullAway") // Without a failure the answer is what the work returned, which is a T.
    private T answerOf(End<T> how) {
        return how.answer;
    }
}
