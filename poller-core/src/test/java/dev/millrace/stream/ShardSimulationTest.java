package dev.millrace.stream;

import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Random settings, load, faults, reshards, crashes and stops. {@code -Dsim.seeds=N} sets how many runs, {@code
 * -Dsim.seed=S} replays one and prints its trace.
 */
class ShardSimulationTest {

    private static final int SEEDS_IN_CI = 2_000;

    /** Seeds that once found a defect; they are always run. */
    private static final long[] REGRESSIONS = {};

    @Test
    void holdsItsInvariantsUnderRandomFaults() {
        Long one = Long.getLong("sim.seed");
        if (one != null) {
            replay(one);
            return;
        }
        int seeds = Integer.getInteger("sim.seeds", SEEDS_IN_CI);
        List<String> violations = new ArrayList<>();
        for (long seed : REGRESSIONS) {
            run(seed, violations);
        }
        for (long seed = 1; seed <= seeds && violations.size() < 5; seed++) {
            run(seed, violations);
        }
        if (!violations.isEmpty()) {
            fail(String.join("\n", violations));
        }
        System.out.println("stream simulation: " + seeds + " seeds without violation");
    }

    private static void run(long seed, List<String> violations) {
        ShardSimulation simulation = new ShardSimulation(seed, false);
        try {
            simulation.run();
        } catch (AssertionError | RuntimeException e) {
            violations.add(
                    simulation + "\n" + e + " " + List.of(e.getStackTrace()).subList(0, 3));
        }
    }

    private static void replay(long seed) {
        ShardSimulation simulation = new ShardSimulation(seed, true);
        try {
            simulation.run();
        } finally {
            System.out.println(simulation.trace());
        }
    }
}
