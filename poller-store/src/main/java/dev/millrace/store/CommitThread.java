package dev.millrace.store;

import dev.millrace.checkpoint.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
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
    private final Tables tables;
    private final Thread thread;

    private CommitThread(CallQueue queue, Database database, Tables tables) {
        this.queue = queue;
        this.database = database;
        this.tables = tables;
        this.thread = Thread.ofPlatform()
                .name("store/" + database.file().name())
                .daemon()
                .unstarted(this::run);
    }

    /** Starts the thread, which closes the database at its end; a failure closes it at once. */
    static CommitThread start(CallQueue queue, Database database) throws StoreException {
        Tables tables;
        try {
            tables = database.tables();
        } catch (SQLException e) {
            StoreException failure = Complaint.of(database.file(), "opened", e);
            close(database);
            throw failure;
        }
        CommitThread commits = new CommitThread(queue, database, tables);
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
            // Only a defect gets here with calls waiting: they and all that follow fail.
            queue.close();
            StoreException dead = new StoreException("the store " + database.file() + " has died of a defect; see the log");
            for (List<StoreCall<?>> calls = queue.take(); !calls.isEmpty(); calls = queue.take()) {
                calls.forEach(call -> call.fail(dead));
            }
            close(database);
        }
    }

    private void commit(List<StoreCall<?>> calls) {
        boolean ended = false;
        try {
            database.begin();
            for (StoreCall<?> call : calls) {
                call.run(tables);
            }
            database.commit();
            ended = true;
            calls.forEach(StoreCall::committed);
        } catch (SQLException e) {
            ended = true;
            database.rollback(e);
            StoreException failure = Complaint.of(database.file(), "written", e);
            calls.forEach(call -> call.fail(failure));
        } finally {
            if (!ended) {
                StoreException failure = new StoreException("the store " + database.file() + " has died of a defect; see the log");
                calls.forEach(call -> call.fail(failure));
            }
        }
    }

    private static void close(Database database) {
        try {
            database.close();
        } catch (SQLException e) {
            // What was committed is in the file or its WAL; the next start takes it from there.
            LOG.atWarn().addKeyValue("file", database.file()).setCause(e).log("store not closed cleanly; nothing is lost");
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
