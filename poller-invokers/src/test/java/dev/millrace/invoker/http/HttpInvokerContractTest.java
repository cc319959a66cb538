package dev.millrace.invoker.http;

import dev.millrace.invoke.Invoker;
import dev.millrace.invoker.TestConfig;
import dev.millrace.testkit.ContractFunction;
import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionServer;
import dev.millrace.testkit.InvokerContract;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

final class HttpInvokerContractTest extends InvokerContract {

    private final FunctionServer server = FunctionServer.start()
            .always(new ContractFunction(
                    error -> FunctionAnswer.ok(error).header("X-Amz-Function-Error", "Unhandled"),
                    FunctionAnswer.ok("")));

    @Override
    protected Invoker open(int concurrency) {
        return TestConfig.open(
                new HttpInvokerProvider(),
                TestConfig.function(Duration.ofSeconds(30)),
                "Url",
                server.url(),
                "MaximumConnections",
                concurrency);
    }

    @AfterEach
    void closeTheServer() {
        server.close();
    }
}
