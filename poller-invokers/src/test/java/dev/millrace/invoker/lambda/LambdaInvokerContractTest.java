package dev.millrace.invoker.lambda;

import dev.millrace.aws.ServicePlace;
import dev.millrace.invoke.Invoker;
import dev.millrace.testkit.ContractFunction;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.InvokerContract;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;

final class LambdaInvokerContractTest extends InvokerContract {

    private final FunctionServer server = FunctionServer.start()
            .always(new ContractFunction(
                    error -> FunctionAnswer.ok(error).header("X-Amz-Function-Error", "Unhandled"),
                    FunctionAnswer.ok("null")));

    @Override
    protected Invoker open(int concurrency) {
        return LambdaInvoker.open(
                new LambdaSettings(
                        new ServicePlace("Lambda", "us-east-1", server.url()),
                        "contract",
                        null,
                        false,
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
