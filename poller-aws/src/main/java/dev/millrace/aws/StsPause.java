package dev.millrace.aws;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Keeps the shards and pollers of a daemon from all asking an STS that has just failed one of them, and tells of renewals that
 * fail while the credentials are still good: the SDK itself says nothing of them. Thread-safe.
 */
final class StsPause implements ExecutionInterceptor {

    private static final Logger LOG = LoggerFactory.getLogger(StsPause.class);

    /** Short beside the pauses of whoever polls, and a bound of one call a second to STS. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

    /**
     * The last call's failure.
     *
     * @param at by the clock of {@link System#nanoTime()}
     */
    private record Failed(RuntimeException failure, long at) {}

    private final RoleFailures failures;

    // Threads that race call STS twice or warn twice, which does no harm.
    private volatile @Nullable Failed last;
    private volatile boolean renewing;
    private volatile @Nullable Failed warned;

    StsPause(RoleFailures failures) {
        this.failures = failures;
    }

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
        Failed recent = last;
        if (recent != null && isWithin(PAUSE, recent)) {
            throw recent.failure();
        }
    }

    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        last = null;
        warned = null;
        renewing = true;
    }

    @Override
    public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
        Failed recent = last;
        Throwable failure = context.exception();
        boolean told = recent != null && isWithin(PAUSE, recent);
        if (told || Thread.currentThread().isInterrupted() || failure instanceof AbortedException) {
            return;
        }
        RuntimeException explained = failures.of(failure);
        Failed failed = new Failed(explained, System.nanoTime());
        last = failed;
        Failed before = warned;
        if (renewing && (before == null || !isWithin(BETWEEN_WARNINGS, before))) {
            warned = failed;
            LOG.atWarn()
                    .addKeyValue("reason", explained.getMessage())
                    .log("cannot renew credentials; those in use stay good until they expire");
        }
    }

    private static boolean isWithin(Duration time, Failed failed) {
        return System.nanoTime() - failed.at() < time.toNanos();
    }
}
