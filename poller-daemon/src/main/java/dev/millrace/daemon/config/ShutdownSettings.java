package dev.millrace.daemon.config;

import java.time.Duration;

/**
 * How the daemon stops.
 *
 * @param deadline how long invocations in flight may still run, 0 to 900 s; below Kubernetes' grace period of 30 s by default
 */
public record ShutdownSettings(Duration deadline) {
    public static final ShutdownSettings DEFAULT = new ShutdownSettings(Duration.ofSeconds(25));
}
