package dev.millrace.daemon.config;

/**
 * Where the daemon's own HTTP server listens.
 *
 * @param host address to bind, {@code 127.0.0.1} by default
 * @param port 0 to 65,535; 0 takes any free one
 */
public record ApiSettings(String host, int port) {
    public static final ApiSettings DEFAULT = new ApiSettings("127.0.0.1", 9000);
}
