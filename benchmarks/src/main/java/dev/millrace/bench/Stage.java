package dev.millrace.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A fresh pair of canned servers for one run, and a peer that works against them. */
final class Stage implements AutoCloseable {
    private final String name;
    private final int round;
    private final Settings settings;
    private final CannedServer sqs;
    private final CannedServer function;

    private Stage(String name, int round, Settings settings, CannedServer sqs, CannedServer function) {
        this.name = name;
        this.round = round;
        this.settings = settings;
        this.sqs = sqs;
        this.function = function;
    }

    /** @param functionArguments {@code --delays} lets the function log delays */
    static Stage open(String name, int round, Settings settings, String... functionArguments) throws IOException {
        CannedServer sqs =
                ChildProcess.startServer("canned SQS", Java.server("CannedSqs"), settings.log(name + "-sqs", round));
        try {
            CannedServer function = ChildProcess.startServer(
                    "trivial function",
                    Java.server("TrivialFunction", functionArguments),
                    settings.log(name + "-function", round));
            return new Stage(name, round, settings, sqs, function);
        } catch (IOException | RuntimeException e) {
            sqs.close();
            throw e;
        }
    }

    Target target(List<String> queues) {
        return new Target(sqs.url(), queues, function.url());
    }

    ChildProcess start(List<String> command) throws IOException {
        return ChildProcess.start(name, command, settings.log(name, round));
    }

    CannedServer sqs() {
        return sqs;
    }

    CannedServer function() {
        return function;
    }

    /** Lets time pass; the only way to measure a rate. */
    static void pass(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    @Override
    public void close() {
        function.close();
        sqs.close();
    }
}
