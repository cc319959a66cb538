package dev.millrace.invoker.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Carries what one process writes to stdout and stderr into the log, line by line, with the request id the process had
 * when the line was read. Runs on a platform thread of its own, since reading a pipe would pin a virtual thread's
 * carrier.
 */
final class FunctionLog {

    /** Of a longer line the rest is counted and dropped. CloudWatch takes 256 KB; nobody reads that much in a log. */
    static final int MAX_LINE_BYTES = 16 * 1024;

    private static final int BUFFER_BYTES = 16 * 1024;

    private final Logger log;
    private final String function;
    private final InputStream output;
    private final Supplier<@Nullable String> requestId;
    private final Thread thread;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    private long dropped;

    private FunctionLog(String function, String process, InputStream output, Supplier<@Nullable String> requestId) {
        this.log = LoggerFactory.getLogger("function." + function);
        this.function = function;
        this.output = output;
        this.requestId = requestId;
        this.thread =
                Thread.ofPlatform().daemon().name("function-log/" + process).unstarted(this::run);
    }

    /** Begins to read. */
    static FunctionLog start(
            String function, String process, InputStream output, Supplier<@Nullable String> requestId) {
        FunctionLog log = new FunctionLog(function, process, output, requestId);
        log.thread.start();
        return log;
    }

    /** Waits until everything written has been logged, at most so long: a stray process may hold the pipe open. */
    void awaitEnd(long millis) throws InterruptedException {
        thread.join(millis);
    }

    private void run() {
        MDC.put("function", function);
        byte[] buffer = new byte[BUFFER_BYTES];
        try (output) {
            for (int count = output.read(buffer); count >= 0; count = output.read(buffer)) {
                add(buffer, count);
            }
        } catch (IOException e) {
            // The pipe was closed while being read, which is one way for a process to end.
        }
        if (line.size() > 0 || dropped > 0) {
            emit();
        }
    }

    private void add(byte[] buffer, int count) {
        for (int i = 0; i < count; i++) {
            if (buffer[i] == '\n') {
                emit();
            } else if (line.size() < MAX_LINE_BYTES) {
                line.write(buffer[i]);
            } else {
                dropped++;
            }
        }
    }

    private void emit() {
        String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
        if (dropped > 0) {
            text += "... (" + dropped + " bytes more)";
        }
        line.reset();
        dropped = 0;
        String id = requestId.get();
        if (id == null) {
            MDC.remove("requestId");
        } else {
            MDC.put("requestId", id);
        }
        log.info("{}", text);
    }
}
