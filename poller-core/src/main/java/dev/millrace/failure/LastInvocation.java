package dev.millrace.failure;

import org.jspecify.annotations.Nullable;

/**
 * The last invocation of a batch that was given up, as {@code responseContext} tells it (spec 4.6).
 *
 * @param requestId UUID of the invocation
 * @param executedVersion such as {@code $LATEST} or {@code 3}
 * @param functionError {@code Unhandled} when the function failed; null when it answered, with failures or malformed
 */
public record LastInvocation(
        String requestId, String executedVersion, @Nullable String functionError) {}
