package dev.millrace.invoker.process;

import dev.millrace.config.Section;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvokerProvider;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The {@code Process} function type: runs a local command that speaks the Lambda Runtime API.
 *
 * <pre>{@code
 * Process:
 *   Command: [java, -cp, app.jar, com.amazonaws.services.lambda.runtime.api.client.AWSLambda, Handler::handle]
 *   WorkingDirectory: /opt/orders   # default: the configuration's folder; exported as LAMBDA_TASK_ROOT
 *   Handler: Handler::handle        # exported as _HANDLER
 *   Concurrency: 4                  # processes; default: ReservedConcurrency, else the number of cores
 *   MemorySize: 128                 # MB, exported only
 *   InitTimeout: 10                 # seconds
 *   StopTimeout: 5                  # seconds
 *   StartOneAtATime: true           # default: true for AWS's Java runtime, else false
 * }</pre>
 */
public final class ProcessInvokerProvider implements InvokerProvider {

    /** AWS's default concurrency quota of an account; more processes on one box are a typing error. */
    private static final int MAX_CONCURRENCY = 1_000;

    /** AWS: 128 MB to 10,240 MB; upwards open here, since it is only told to the process. */
    private static final int DEFAULT_MEMORY_SIZE = 128;

    /** AWS: the init phase is limited to 10 s. */
    private static final Duration DEFAULT_INIT_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration MIN_INIT_TIMEOUT = Duration.ofMillis(100);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(15);

    /** What a shell can read back; AWS is stricter. */
    private static final Pattern VARIABLE = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    @Override
    public String type() {
        return "Process";
    }

    @Override
    public InvokerFactory configure(FunctionSettings function, Section section) {
        List<String> command = command(section);
        ProcessSettings.Launch launch = new ProcessSettings.Launch(
                command,
                section.path("WorkingDirectory")
                        .orElseGet(section.position()::directory)
                        .toAbsolutePath()
                        .normalize(),
                section.string("Handler", ""),
                section.integer("MemorySize", 1, Integer.MAX_VALUE, DEFAULT_MEMORY_SIZE),
                section.bool("StartOneAtATime", command.contains(StartTurn.AWS_JAVA_RUNTIME)));
        int defaultConcurrency =
                function.reservedConcurrency().orElse(Runtime.getRuntime().availableProcessors());
        ProcessSettings settings = new ProcessSettings(
                function,
                launch,
                section.integer("Concurrency", 1, MAX_CONCURRENCY, defaultConcurrency),
                section.seconds("InitTimeout", MIN_INIT_TIMEOUT, MAX_TIMEOUT, DEFAULT_INIT_TIMEOUT),
                section.seconds("StopTimeout", Duration.ZERO, MAX_TIMEOUT, DEFAULT_STOP_TIMEOUT));
        checkVariables(function, section);
        section.rejectUnknownKeys();
        return () -> new ProcessInvoker(settings, System.getenv());
    }

    private static List<String> command(Section section) {
        if (!section.has("Command")) {
            section.problem("Command", "is required; for a custom runtime it is usually 'bootstrap'");
            return List.of();
        }
        List<String> words = section.strings("Command");
        try {
            if (!section.isList("Command") && words.size() == 1) {
                words = CommandLine.split(words.getFirst());
            }
            if (words.isEmpty() || words.getFirst().isEmpty()) {
                section.problem("Command", "names no program");
            }
        } catch (IllegalArgumentException e) {
            section.problem("Command", e.getMessage() + "; or write the command as a list of words");
        }
        return words;
    }

    private static void checkVariables(FunctionSettings function, Section section) {
        function.environment().keySet().stream().sorted().forEach(name -> {
            if (!VARIABLE.matcher(name).matches()) {
                variableProblem(section, "sets '" + name + "', which is no name of a variable");
            } else if (!ProcessEnvironment.configurable(name)) {
                variableProblem(section, "sets " + name + ", which the daemon sets for each process");
            }
        });
    }

    private static void variableProblem(Section section, String message) {
        section.problems().add(section.position(), section.path(), "the function's Environment " + message);
    }
}
