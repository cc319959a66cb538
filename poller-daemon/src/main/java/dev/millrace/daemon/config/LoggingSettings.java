package dev.millrace.daemon.config;

/** What the daemon logs, and how. */
public record LoggingSettings(Format format, Level level) {
    public static final LoggingSettings DEFAULT = new LoggingSettings(Format.TEXT, Level.INFO);

    /** Shape of a log line. */
    public enum Format {
        /** For people. */
        TEXT,
        /** One JSON object per line, for collectors. */
        JSON
    }

    /** The least important level that is logged. */
    public enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }
}
