package dev.millrace.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Work per second and CPU time per unit of work of each contestant, on a source that never runs empty. */
public final class Throughput {
    private final Settings settings;
    private final Meter meter;

    public Throughput(Settings settings, Meter meter) {
        this.settings = settings;
        this.meter = meter;
    }

    /** Measures all contestants in turn, as often as the settings say. */
    public Results measure(List<? extends Contestant> contestants) throws IOException, InterruptedException {
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        for (int round = 1; round <= settings.repeats(); round++) {
            for (Contestant contestant : contestants) {
                Run run = measure(contestant, round);
                System.out.printf("round %d, %s: %s%n", round, contestant.name(), run);
                runs.computeIfAbsent(contestant.name(), name -> new ArrayList<>())
                        .add(run);
            }
        }
        return new Results(meter, runs);
    }

    private Run measure(Contestant contestant, int round) throws IOException, InterruptedException {
        try (Stage stage = contestant.open(round);
                ChildProcess consumer = stage.start(contestant.command(stage))) {
            warmUp(stage, consumer);
            Run.Sample before = Run.Sample.take(stage, consumer, meter);
            Stage.pass(settings.window());
            Run.Sample after = Run.Sample.take(stage, consumer, meter);
            if (after.work().done() == before.work().done()) {
                throw consumer.failed("processed nothing");
            }
            return Run.between(before, after);
        }
    }

    private void warmUp(Stage stage, ChildProcess consumer) throws IOException, InterruptedException {
        Stage.pass(settings.warmup());
        long step = Math.max(settings.warmup().dividedBy(10).toMillis(), 1);
        for (long waited = 0;
                waited < settings.warmup().toMillis() * (Settings.MAX_WARMUP_FACTOR - 1);
                waited += step) {
            if (meter.read(stage).done() >= settings.warmupWork()) {
                return;
            }
            consumer.usage();
            Stage.pass(Duration.ofMillis(step));
        }
        System.out.printf("the next run's warm-up ended before %d %s%n", settings.warmupWork(), meter.unit());
    }
}
