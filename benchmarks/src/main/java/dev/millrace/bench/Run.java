package dev.millrace.bench;

import java.io.IOException;

/**
 * One window's figures.
 *
 * @param perSecond units of work per second
 * @param cpuPer100k CPU seconds of the peer per 100,000 units
 * @param residentMib resident memory of the peer at the end
 * @param perPost units per request to the function
 * @param donePerReceived 1 but for what is between receipt and end at the window's borders
 * @param peerCores CPU seconds per second; so are the other three
 * @param sourceCores the source, and what assists it
 * @param functionCores the function
 * @param otherCores everything else on this machine
 */
public record Run(
        double perSecond,
        double cpuPer100k,
        double residentMib,
        double perPost,
        double donePerReceived,
        double peerCores,
        double sourceCores,
        double functionCores,
        double otherCores) {

    static Run between(Sample before, Sample after) {
        double seconds = (after.nanos - before.nanos) / 1e9;
        double done = after.work.done() - before.work.done();
        double peer = after.peer.cpuSeconds() - before.peer.cpuSeconds();
        double source = after.sourceCpuSeconds - before.sourceCpuSeconds;
        double function = after.functionCpuSeconds - before.functionCpuSeconds;
        double machine = after.machineCpuSeconds - before.machineCpuSeconds;
        return new Run(
                done / seconds,
                peer / done * 100_000,
                after.peer.residentMib(),
                done / Math.max(1, after.work.posts() - before.work.posts()),
                done / Math.max(1, after.work.received() - before.work.received()),
                peer / seconds,
                source / seconds,
                function / seconds,
                (machine - peer - source - function) / seconds);
    }

    @Override
    public String toString() {
        return "%.0f/s, %.2f CPU s per 100k, %.0f MiB, %.1f per POST, cores %.2f + %.2f + %.2f, others %.2f"
                .formatted(
                        perSecond, cpuPer100k, residentMib, perPost, peerCores, sourceCores, functionCores, otherCores);
    }

    /** Everything that counts up, at one moment. */
    record Sample(
            long nanos,
            Meter.Work work,
            ProcessUsage peer,
            double sourceCpuSeconds,
            double functionCpuSeconds,
            double machineCpuSeconds) {
        static Sample take(Stage stage, ChildProcess consumer, Meter meter) throws IOException {
            return new Sample(
                    System.nanoTime(),
                    meter.read(stage),
                    consumer.usage(),
                    stage.sourceCpuSeconds(),
                    stage.function().process().usage().cpuSeconds(),
                    ProcessUsage.machineCpuSeconds());
        }
    }
}
