package dev.millrace.invoker.process;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Invoker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A program that has a warm function process and waits to be killed. */
final class DaemonStandIn {

    private DaemonStandIn() {}

    /** @param arguments the function's working directory */
    public static void main(String[] arguments) throws Exception {
        try (Invoker invoker = Fixture.shell(Path.of(arguments[0])).open()) {
            InvocationOutcome outcome = invoker.invoke(Fixture.request("1"));
            String line = outcome instanceof InvocationOutcome.Succeeded ? "invoked\n" : outcome + "\n";
            System.out.write(line.getBytes(StandardCharsets.UTF_8));
            System.out.flush();
            Thread.currentThread().join();
        }
    }
}
