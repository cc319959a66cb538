package dev.millrace.invoker.lambda;

import dev.millrace.aws.ServicePlace;
import dev.millrace.invoke.Invoker;
import dev.millrace.testkit.ContractFunction;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.InvokerContract;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** The contract against a server that answers as the Runtime Interface Emulator does, one invocation at a time. */
final class RuntimeEmulatorContractTest extends InvokerContract {

    private final AtomicInteger running = new AtomicInteger();
    private final ContractFunction function = new ContractFunction(FunctionAnswer::ok, FunctionAnswer.ok(""));
    private final FunctionServer server = FunctionServer.start().always(this::emulate);

    private FunctionAnswer emulate(FunctionCall call) {
        if (running.incrementAndGet() > 1) {
            running.decrementAndGet();
            return FunctionAnswer.status(400, "");
        }
        try {
            return function.apply(call);
        } finally {
            running.decrementAndGet();
        }
    }

    @Override
    protected Invoker open(int concurrency) {
        return LambdaInvoker.open(
                new LambdaSettings(
                        new ServicePlace("Lambda", "us-east-1", server.url()),
                        "function",
                        null,
                        true,
                        concurrency,
                        Duration.ofSeconds(30)),
                Duration.ofMillis(100),
                InstantSource.system());
    }

    @AfterEach
    void closeTheServer() {
        server.close();
    }
}
