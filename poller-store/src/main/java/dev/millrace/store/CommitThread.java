package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the connection: takes all calls that wait, does their work in one transaction, commits, and lets
 * the callers go. A platform thread, because SQLite waits for the disk in native code, where a virtual thread would hold
 * its carrier.
 */
final class CommitThread {

    private static final Logger LOG = LoggerFactory.getLogger(CommitThread.class);

    /** How long closing waits for the disk. Only a disk that hangs takes longer, such as one of a lost network. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final CallQueue queue;
    private final Database database;
    private final Thread thread;

    private CommitThread(CallQueue queue, Database database) {
        this.queue = queue;
        this.database = database;
        this.thread = Thread.ofPlatform()
                .name("store/" + database.file().name())
                .daemon()
                .unstarted(this::run);
    }

    /** Starts the thread, which closes the database at its end. */
    static CommitThread start(CallQueue queue, Database database) {
        CommitThread commits = new CommitThread(queue, database);
        commits.thread.start();
        return commits;
    }

    private void run() {
        try {
            List<StoreCall<?>> calls = queue.take();
            while (!calls.isEmpty()) {
                commit(calls);
                calls = queue.take();
            }
        } finally {
            // Calls wait here only when the JVM itself has failed: they and all that follow fail.
            queue.close();
            StoreException dead = new StoreException("the store " + database.file() + " has died; see the log");
            for (List<StoreCall<?>> calls = queue.take(); !calls.isEmpty(); calls = queue.take()) {
                failAll(calls, dead);
            }
            close(database);
        }
    }

    private void commit(List<StoreCall<?>> calls) {
        // What the callers are told when the JVM itself fails, such as for want of memory.
        @Nullable
        StoreException failure = new StoreException("the store " + database.file() + " has died; see the log");
        try {
            failure = transact(calls);
        } finally {
            if (failure == null) {
                calls.forEach(StoreCall::committed);
            } else {
                failAll(calls, failure);
            }
        }
    }

    /** Does the calls' work and commits it. Answers why it is not done; null when it is durable. */
    private @Nullable StoreException transact(List<StoreCall<?>> calls) {
        try {
            Tables tables = database.begin();
            for (StoreCall<?> call : calls) {
                call.run(tables);
            }
            database.commit();
            return null;
        } catch (SQLException e) {
            database.rollback(e);
            return Complaint.of(database.file(), "written", e);
        } catch (RuntimeException e) {
            // A defect. It ends with the transaction; the next one begins afresh.
            LOG.atError().addKeyValue("file", database.file()).setCause(e).log("store failed of a defect");
            database.rollback(e);
            return new StoreException("the store " + database.file() + " failed of a defect: " + e, e);
        }
    }

    private static void failAll(List<StoreCall<?>> calls, StoreException failure) {
        calls.forEach(call -> call.fail(failure));
    }

    private static void close(Database database) {
        try {
            database.close();
        } catch (SQLException e) {
            // What was committed is in the file or its WAL; the next start takes it from there.
            LOG.atWarn()
                    .addKeyValue("file", database.file())
                    .setCause(e)
                    .log("store not closed cleanly; nothing is lost");
        }
    }

    /** Waits until the thread has ended; false when the disk does not answer. An interrupt stays pending. */
    boolean awaitEnd() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (thread.isAlive() && System.nanoTime() - deadline < 0) {
            try {
                thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.atWarn().addKeyValue("file", database.file()).log("store not closed: its disk does not answer");
            return false;
        }
        return true;
    }
}
