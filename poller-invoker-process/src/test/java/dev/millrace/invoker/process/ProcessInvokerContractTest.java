package dev.millrace.invoker.process;

import dev.millrace.invoke.Invoker;
import dev.millrace.testkit.InvokerContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract with the test resource {@code bootstrap} as its function, a process of its own for each invocation at once. */
final class ProcessInvokerContractTest extends InvokerContract {

    @TempDir
    Path directory = Path.of("");

    @Override
    protected Invoker open(int concurrency) {
        return Fixture.shell(directory)
                .name("contract")
                .set("Concurrency", Integer.toString(concurrency))
                .set("InitTimeout", "60")
                .open();
    }
}
