package dev.millrace.invoker.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the configuration of a process function may say. */
class ProcessInvokerProviderTest {

    @Test
    void needsNothingButACommand() {
        assertThat(new Fixture().set("Command", "bootstrap").problems()).isEmpty();
        assertThat(new Fixture().command("node", "index.mjs").problems()).isEmpty();
    }

    @Test
    void saysThatTheCommandIsMissing() {
        assertThat(new Fixture().problems())
                .containsExactly(
                        "test.yaml:1: Functions.orders.Process.Command: is required; for a custom runtime it is"
                                + " usually 'bootstrap'");
    }

    @Test
    void saysThatTheCommandIsEmpty() {
        assertThat(new Fixture().set("Command", "  ").problems())
                .containsExactly("test.yaml:3: Functions.orders.Process.Command: names no program");
        assertThat(new Fixture().command("", "x").problems()).hasSize(1);
    }

    @Test
    void reportsEverythingAtOnce() {
        assertThat(new Fixture()
                        .set("Command", "sh 'open")
                        .set("Concurrency", "0")
                        .set("InitTimeout", "soon")
                        .set("WorkingDirectory", "a\0b")
                        .set("Handlr", "x")
                        .problems())
                .hasSize(5)
                .anyMatch(problem -> problem.contains("has an opening ' without a closing one"))
                .anyMatch(problem -> problem.contains("Concurrency: '0' is not a whole number from 1 to 1000"))
                .anyMatch(problem -> problem.contains("InitTimeout: 'soon'"))
                .anyMatch(problem -> problem.contains("WorkingDirectory: is not a path"))
                .anyMatch(problem -> problem.contains("did you mean 'Handler'?"));
    }

    @Test
    void refusesVariablesThatNoProcessCanHave() {
        assertThat(new Fixture()
                        .set("Command", "bootstrap")
                        .variable("A=B", "x")
                        .problems())
                .containsExactly(
                        "test.yaml:1: Functions.orders.Process: the function's Environment sets 'A=B', which is no"
                                + " name of a variable");
    }

    @Test
    void keepsTheVariablesThatTheRuntimeApiPrescribesForItself() {
        assertThat(new Fixture()
                        .set("Command", "bootstrap")
                        .variable("AWS_LAMBDA_RUNTIME_API", "x")
                        .variable("_HANDLER", "x")
                        .variable("AWS_REGION", "x")
                        .problems())
                .containsExactly(
                        "test.yaml:1: Functions.orders.Process: the function's Environment sets AWS_LAMBDA_RUNTIME_API,"
                                + " which the daemon sets for each process",
                        "test.yaml:1: Functions.orders.Process: the function's Environment sets _HANDLER, which the"
                                + " daemon sets for each process");
    }
}
