package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessUsageTest {
    @Test
    void addsUserAndSystemTimeWhateverTheCommandIsCalled() {
        String stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 9 8 7 6 1234 66 5 4 20 0 31 0 99 1 2";
        assertThat(ProcessUsage.cpuSeconds(stat)).isEqualTo(13.0);
    }

    @Test
    void readsResidentMemory() {
        assertThat(ProcessUsage.residentMib("Name:\tjava\nVmHWM:\t  4096 kB\nVmRSS:\t  2048 kB\n"))
                .isEqualTo(2.0);
    }

    @Test
    void readsItsOwnProcess() throws IOException {
        ProcessUsage own = ProcessUsage.of(ProcessHandle.current().pid());
        assertThat(own.residentMib()).isGreaterThan(1);
        assertThat(own.cpuSeconds()).isPositive();
    }

    @Test
    void countsTheMachinesBusyTimeButNotItsIdleTime() {
        assertThat(ProcessUsage.machineCpuSeconds("cpu  100 200 300 9999 8888 10 20 70 5 5\ncpu0 1 1 1 1\n"))
                .isEqualTo(7.0);
    }
}
