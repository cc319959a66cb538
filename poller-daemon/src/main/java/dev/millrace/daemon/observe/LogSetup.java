package dev.millrace.daemon.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import dev.millrace.daemon.config.LoggingSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the log to standard output, as text for people or as JSON lines. */
public final class LogSetup {

    /** Time, level, source, shard and function of the line, the message, and its facts. */
    private static final String TEXT = "%d{HH:mm:ss.SSS} %-5level "
            + "%replace([%X{source:-}/%X{shard:-}>%X{function:-}] ){'\\[/>\\] |/(?=>)', ''}%msg %kvp%n%ex";

    private LogSetup() {}

    /** For a daemon, whose standard output is its log. */
    public static void apply(LoggingSettings settings) {
        LoggerContext context = reset();
        log(
                context,
                ConsoleTarget.SystemOut,
                switch (settings.format()) {
                    case TEXT -> text(context);
                    case JSON -> json(context);
                });
        Level level = Level.toLevel(settings.level().name());
        context.getLogger("dev.millrace").setLevel(level);
        context.getLogger("function").setLevel(level);
        // It warns of what is in order, such as leases that nobody can have yet.
        context.getLogger("software.amazon.kinesis").setLevel(level.isGreaterOrEqual(Level.INFO) ? Level.ERROR : level);
    }

    /** For a command, whose standard output is its answer: warnings only, on standard error. */
    public static void warningsOnly() {
        LoggerContext context = reset();
        log(context, ConsoleTarget.SystemErr, text(context));
    }

    private static LoggerContext reset() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        return context;
    }

    private static void log(LoggerContext context, ConsoleTarget target, Encoder<ILoggingEvent> encoder) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setTarget(target.getName());
        console.setEncoder(encoder);
        console.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(console);
        root.setLevel(Level.WARN);
    }

    private static Encoder<ILoggingEvent> text(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(TEXT);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> json(LoggerContext context) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.setWithContext(false);
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithArguments(false);
        encoder.start();
        return encoder;
    }
}
