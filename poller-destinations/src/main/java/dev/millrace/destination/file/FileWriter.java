package dev.millrace.destination.file;

import dev.millrace.failure.InvocationRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The thread that writes one file, and its mailbox. Records that wait at the same time are made durable together: one sync
 * of the disk serves them all. A disk that hangs holds up this thread only; whoever waits for it can be interrupted.
 */
final class FileWriter implements AutoCloseable {

    /** Records written at a time. Further callers wait with theirs. */
    private static final int MOST_AT_A_TIME = 64;

    /** How long an append under way may still take when the daemon stops. */
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final JsonLinesFile file;
    private final BlockingQueue<Entry> mailbox = new ArrayBlockingQueue<>(MOST_AT_A_TIME);
    private final Thread thread;

    private volatile boolean closed;

    /** One record on its way. */
    private static final class Entry {

        private final InvocationRecord record;
        private final CountDownLatch done = new CountDownLatch(1);

        /** Written before {@link #done}, read after it. */
        private @Nullable IOException failure;

        Entry(InvocationRecord record) {
            this.record = record;
        }

        void end(@Nullable IOException outcome) {
            failure = outcome;
            done.countDown();
        }
    }

    private FileWriter(JsonLinesFile file) {
        this.file = file;
        // A platform thread: file I/O blocks the thread that carries a virtual one.
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("destination/" + file.path().getFileName())
                .unstarted(this::run);
    }

    /** Starts the thread; does not touch the file. */
    static FileWriter start(JsonLinesFile file) {
        FileWriter writer = new FileWriter(file);
        writer.thread.start();
        return writer;
    }

    /** Appends the record and waits until it is durable. An interrupted call may have written it nevertheless. */
    void write(InvocationRecord record) throws IOException, InterruptedException {
        Entry entry = new Entry(record);
        mailbox.put(entry);
        try {
            if (closed) {
                throw new IOException("the daemon stops");
            }
            entry.done.await();
        } finally {
            mailbox.remove(entry);
        }
        if (entry.failure != null) {
            throw new IOException(entry.failure);
        }
    }

    private void run() {
        List<Entry> entries = new ArrayList<>();
        while (!closed) {
            try {
                entries.add(mailbox.take());
            } catch (InterruptedException e) {
                break; // Closed.
            }
            mailbox.drainTo(entries);
            IOException failure = append(entries);
            for (Entry entry : entries) {
                entry.end(failure);
            }
            entries.clear();
        }
        for (Entry left = mailbox.poll(); left != null; left = mailbox.poll()) {
            left.end(new IOException("the daemon stops"));
        }
    }

    private @Nullable IOException append(List<Entry> entries) {
        try {
            file.append(entries.stream().map(entry -> entry.record).toList());
            return null;
        } catch (IOException e) {
            return e;
        } catch (RuntimeException e) {
            // Such as a lock that somebody else in this process holds.
            return new IOException(e);
        }
    }

    /** Ends the thread; records that are not written are refused. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(CLOSING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
