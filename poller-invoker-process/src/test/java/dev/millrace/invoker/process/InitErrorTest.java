package dev.millrace.invoker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoker.process.RuntimeSession.End;
import dev.millrace.invoker.process.RuntimeSession.Start;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the session makes of a runtime that cannot start its function. */
class InitErrorTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void endsTheSessionAndIsAcceptedOnce() throws Exception {
        RuntimeSession session = new RuntimeSession();
        try (LoopbackServer server =
                        new LoopbackServer("test", FunctionErrors.LARGEST_ANSWER, new RuntimeApi(session));
                RawClient client = new RawClient(server.address())) {
            String report = "{\"errorType\":\"Bad\",\"errorMessage\":\"broken\"}";

            assertThat(client.post("init/error", report).read().status()).isEqualTo(202);
            assertThat(session.awaitReady(SOON))
                    .isEqualTo(new Start.Failed(new End.InitFailed(new FunctionError("Bad", "broken"))));
            assertThat(client.post("init/error", report).read().status()).isEqualTo(403);
            assertThat(client.get("invocation/next").read().status()).isEqualTo(403);
        }
    }
}
