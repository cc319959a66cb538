package dev.millrace.invoker.process;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The environment a function process gets: a few variables of the daemon's own, AWS credentials among them, then the
 * function's configured ones, then what the Lambda Runtime API prescribes. Nothing else leaks from the daemon.
 */
final class ProcessEnvironment {

    /** Unique for every process and inherited by everything it starts, so it also tells whose a stray process is. */
    static final String LOG_STREAM = "AWS_LAMBDA_LOG_STREAM_NAME";

    /** Where programs, libraries and texts are found. Proxy variables are left out: they would hide the Runtime API. */
    private static final List<String> BASE = List.of(
            "PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR");

    private static final List<String> CREDENTIALS = List.of(
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_PROFILE",
            "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
            "AWS_ROLE_ARN",
            "AWS_ROLE_SESSION_NAME",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");

    private static final Set<String> OURS = Set.of(
            "AWS_LAMBDA_RUNTIME_API",
            "_HANDLER",
            "LAMBDA_TASK_ROOT",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            LOG_STREAM,
            "AWS_LAMBDA_INITIALIZATION_TYPE");

    private ProcessEnvironment() {}

    /** Whether the function's configuration may set the variable. Region and credentials it may. */
    static boolean configurable(String name) {
        return !OURS.contains(name);
    }

    /**
     * The whole environment of one process.
     *
     * @param daemon the daemon's own environment
     * @param runtimeApi host and port of the process's own Runtime API
     * @param logStream unique name of the process
     */
    static Map<String, String> of(
            ProcessSettings settings, Map<String, String> daemon, String runtimeApi, String logStream) {
        Map<String, String> environment = new HashMap<>();
        BASE.forEach(name -> copy(daemon, name, environment));
        CREDENTIALS.forEach(name -> copy(daemon, name, environment));
        var function = settings.function();
        environment.put("AWS_REGION", function.aws().region());
        environment.put("AWS_DEFAULT_REGION", function.aws().region());
        environment.putAll(function.environment());
        var launch = settings.launch();
        environment.put("AWS_LAMBDA_RUNTIME_API", runtimeApi);
        environment.put("_HANDLER", launch.handler());
        environment.put("LAMBDA_TASK_ROOT", launch.workingDirectory().toString());
        environment.put("AWS_LAMBDA_FUNCTION_NAME", function.name());
        environment.put("AWS_LAMBDA_FUNCTION_VERSION", function.version());
        environment.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(launch.memorySize()));
        environment.put("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function.name());
        environment.put(LOG_STREAM, logStream);
        environment.put("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
        return environment;
    }

    private static void copy(Map<String, String> from, String name, Map<String, String> to) {
        String value = from.get(name);
        if (value != null) {
            to.put(name, value);
        }
    }
}
