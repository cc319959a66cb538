package dev.millrace.daemon.observe;

import dev.millrace.invoke.Excerpt;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes the lines of one mapping, with mapping, source and function in the context of each. Message texts are constant;
 * facts are key-value pairs. Safe for use by many threads.
 */
final class MappingLog {

    private static final Logger LOG = LoggerFactory.getLogger("dev.millrace.mapping");
    /** Characters of an error text in one line. */
    private static final int MOST_TEXT = 500;

    private final Map<String, String> context;

    MappingLog(EventSourceMapping mapping) {
        this.context = Map.of(
                "mapping", mapping.uuid().toString(),
                "source", mapping.eventSourceArn().resource(),
                "function", mapping.function().toString());
    }

    private MappingLog(Map<String, String> context) {
        this.context = context;
    }

    /** The log of one shard of the mapping. */
    MappingLog ofShard(String shardId) {
        Map<String, String> more = new HashMap<>(context);
        more.put("shard", shardId);
        return new MappingLog(Map.copyOf(more));
    }

    /** Writes a line; {@code complete} adds its facts and then logs its message. Not called when nobody would see it. */
    void line(Level level, Consumer<LoggingEventBuilder> complete) {
        if (!LOG.isEnabledForLevel(level)) {
            return;
        }
        context.forEach(MDC::put);
        try {
            complete.accept(LOG.atLevel(level));
        } finally {
            context.keySet().forEach(MDC::remove);
        }
    }

    /** A text that is not ours, short enough for a line. */
    static String excerpt(String text) {
        return Excerpt.of(text, MOST_TEXT);
    }

    /** The source cannot be polled; the problem's text is the message, since it names source, answer and remedy. */
    void sourceTrouble(SourceProblem problem, Duration retryIn) {
        line(
                Level.WARN,
                line -> line.addKeyValue("kind", problem.kind())
                        .addKeyValue("retryInMs", retryIn.toMillis())
                        .log(problem.message()));
    }

    /**
     * An invocation has ended.
     *
     * @param facts adds which one it was
     */
    void invocationEnded(
            int attempt, InvocationOutcome outcome, Duration duration, UnaryOperator<LoggingEventBuilder> facts) {
        line(
                level(attempt, outcome),
                line -> facts.apply(line)
                        .addKeyValue("attempt", attempt)
                        .addKeyValue("ms", duration.toMillis())
                        .addKeyValue("outcome", outcome.getClass().getSimpleName())
                        .addKeyValue("detail", excerpt(outcome.detail()))
                        .log("invocation ended"));
    }

    private static Level level(int attempt, InvocationOutcome outcome) {
        return switch (outcome) {
            case InvocationOutcome.Succeeded _ -> Level.DEBUG;
            case InvocationOutcome.BatchItemFailures _ -> Level.DEBUG;
            case InvocationOutcome.Throttled _ -> Level.DEBUG;
            case InvocationOutcome.MalformedAnswer _ -> Level.WARN;
            case InvocationOutcome.FunctionError _ -> Level.WARN;
            case InvocationOutcome.Unavailable _ -> attempt == 1 ? Level.WARN : Level.DEBUG;
            case InvocationOutcome.TooLarge _ -> Level.WARN;
        };
    }
}
