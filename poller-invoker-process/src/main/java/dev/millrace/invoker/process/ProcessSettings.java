package dev.millrace.invoker.process;

import dev.millrace.invoke.FunctionSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How one function version runs as processes.
 *
 * @param function what all kinds of functions have in common
 * @param launch how to start one process
 * @param concurrency most processes at a time; 0 only when the function's reserved concurrency is 0
 * @param initTimeout from start to the first request for an event; AWS gives 10 s
 * @param stopTimeout from SIGTERM to SIGKILL when the daemon stops
 */
record ProcessSettings(
        FunctionSettings function, Launch launch, int concurrency, Duration initTimeout, Duration stopTimeout) {

    /**
     * What to execute.
     *
     * @param command program and arguments, not empty, never seen by a shell
     * @param workingDirectory absolute; also {@code LAMBDA_TASK_ROOT}
     * @param handler {@code _HANDLER}; empty when the runtime needs none
     * @param memorySize MB, only told to the process, not enforced
     * @param oneAtATime the start must not overlap with others that say so, see {@link StartTurn}
     */
    record Launch(List<String> command, Path workingDirectory, String handler, int memorySize, boolean oneAtATime) {
        Launch {
            command = List.copyOf(command);
        }
    }
}
