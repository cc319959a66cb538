package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process of this machine has used so far, read from Linux's {@code /proc}.
 *
 * @param cpuSeconds user and system time of all its threads, ended ones included; the kernel counts in 10 ms
 * @param residentMib resident memory
 */
public record ProcessUsage(double cpuSeconds, double residentMib) {
    /** {@code USER_HZ}: fixed at 100 in the kernel's interface to user space on every architecture the JDK runs on. */
    private static final double TICKS_PER_SECOND = 100;

    /** @throws IOException when the process is gone */
    public static ProcessUsage of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        return new ProcessUsage(
                cpuSeconds(Files.readString(process.resolve("stat"))),
                residentMib(Files.readString(process.resolve("status"))));
    }

    /** Fields are counted from behind the command, which may itself hold blanks and brackets (see proc_pid_stat(5)). */
    static double cpuSeconds(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        int utime = 14 - 3;
        int stime = 15 - 3;
        return (Long.parseLong(fields[utime]) + Long.parseLong(fields[stime])) / TICKS_PER_SECOND;
    }

    static double residentMib(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the process has ended"));
    }

    /**
     * CPU seconds that all of this machine's processes together have used since it started, time stolen by a hypervisor
     * included: what is left after taking off the processes of a benchmark tells whether anything else was running.
     */
    public static double machineCpuSeconds() throws IOException {
        return machineCpuSeconds(Files.readString(Path.of("/proc/stat")));
    }

    /** Of the line {@code cpu user nice system idle iowait irq softirq steal ...} everything but idle and iowait. */
    static double machineCpuSeconds(String stat) {
        String[] fields = stat.lines().findFirst().orElse("").split(" +", -1);
        long ticks = 0;
        for (int i = 1; i <= 8; i++) {
            boolean idle = i == 4 || i == 5;
            ticks += idle ? 0 : Long.parseLong(fields[i]);
        }
        return ticks / TICKS_PER_SECOND;
    }
}
