package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LiveHeapTest {
    @Test
    void isTheTotalOfTheHistogram() {
        assertThat(LiveHeap.total(List.of(
                        " num     #instances         #bytes  class name",
                        "   1:         12345        1234567  [B",
                        "Total         98765        7654321")))
                .isEqualTo(7_654_321);
    }

    @Test
    void leavesOutWhatACollectorFillsDeadSpaceWith() {
        assertThat(LiveHeap.total(List.of(
                        "   1:         12345        1234567  [B (java.base@25.0.3)",
                        "   2:            17        1000000  [Ljdk.internal.vm.FillerElement; (java.base@25.0.3)",
                        "   3:            40            640  jdk.internal.vm.FillerObject (java.base@25.0.3)",
                        "Total         98765        7654321")))
                .isEqualTo(6_653_681);
    }

    @Test
    void refusesWhatIsNoHistogram() {
        assertThatThrownBy(() -> LiveHeap.total(List.of("Unable to open socket file")))
                .isInstanceOf(BenchmarkFailed.class)
                .hasMessageContaining("socket file");
    }
}
