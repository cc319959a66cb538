package dev.millrace.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VisibilityNeedTest {

    @ParameterizedTest(name = "window {0} s, function {1} s, heartbeat {2}, queue {3} s")
    @CsvSource({
        "20, 10, false, 30, true",
        "20, 11, false, 30, false",
        "0, 31, false, 30, true",
        "29, 900, true, 30, true",
        "30, 3, true, 30, false",
    })
    void comparesWindowAndFunctionWithTheQueue(int window, int function, boolean heartbeat, int queue, boolean enough) {
        assertThat(need(window, function, heartbeat)
                        .problem(Duration.ofSeconds(queue))
                        .isEmpty())
                .isEqualTo(enough);
    }

    @Test
    void namesTheRemedy() {
        assertThat(need(25, 20, false).problem(Duration.ofSeconds(30)))
                .contains("Queue visibility timeout: 30 seconds is less than batching window: 25 seconds plus Function"
                        + " timeout: 20 seconds, so batches are closed before their window ends; raise the queue's"
                        + " VisibilityTimeout to at least 45 seconds (AWS advises 145: the window and 6 times the"
                        + " Timeout), or lower MaximumBatchingWindowInSeconds");
    }

    private static VisibilityNeed need(int window, int function, boolean heartbeat) {
        return new VisibilityNeed(Duration.ofSeconds(window), Duration.ofSeconds(function), heartbeat);
    }
}
