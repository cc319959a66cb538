package dev.millrace.invoke;

import dev.millrace.config.AwsSettings;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What all kinds of functions have in common, for one version of one function.
 *
 * @param name bare function name
 * @param version {@code $LATEST} or a version's number
 * @param timeout 1 to 900 s; AWS's default is 3 s
 * @param reservedConcurrency most concurrent invocations over all mappings; 0 disables the function; empty means no limit
 * @param environment variables for functions that run as processes
 * @param aws region, account and endpoints of the daemon
 */
public record FunctionSettings(
        String name,
        String version,
        Duration timeout,
        OptionalInt reservedConcurrency,
        Map<String, String> environment,
        AwsSettings aws) {

    /** AWS's name of the unpublished version: the one that a function name without a qualifier means. */
    public static final String LATEST = "$LATEST";

    public FunctionSettings {
        environment = Map.copyOf(environment);
    }
}
