package dev.millrace.stream;

import dev.millrace.batch.RecordsEvent;
import dev.millrace.batch.WindowCall;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.StreamRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A function that cannot stand some records, for a while or for ever, and has troubles of its own. */
final class SimulatedFunction {

    /** A state that is above the limit of 1 MB, and one just at it. */
    private static final Payload HUGE = Payload.of(new byte[(1 << 20) + 1]);

    private static final Payload LARGEST = Payload.of(new byte[1 << 20]);

    /** How an invocation ends. */
    record Answer(InvocationOutcome outcome, @Nullable Payload state) {}

    private final ShardScenario.Faults faults;
    private final RandomGenerator random;
    private final DoublePredicate chance;
    /** How often each record still fails. */
    private final IdentityHashMap<StreamRecord, Integer> bad = new IdentityHashMap<>();

    boolean down;
    private int states;

    SimulatedFunction(ShardScenario.Faults faults, RandomGenerator random, DoublePredicate chance) {
        this.faults = faults;
        this.random = random;
        this.chance = chance;
    }

    void cannotStand(StreamRecord record, int times) {
        bad.put(record, times);
    }

    Answer invoke(ShardCommand.Invoke invoke, boolean reports) {
        List<StreamRecord> records = invoke.records();
        InvocationOutcome outcome = refusal();
        if (outcome == null) {
            outcome = run(records, reports);
        }
        boolean answers = outcome instanceof InvocationOutcome.Succeeded
                || outcome instanceof InvocationOutcome.BatchItemFailures;
        return new Answer(outcome, invoke.window() != null && answers ? state(invoke.window()) : null);
    }

    private @Nullable InvocationOutcome refusal() {
        if (down || chance.test(faults.unavailable())) {
            return new InvocationOutcome.Unavailable("connection refused", pause());
        } else if (chance.test(faults.throttle())) {
            return new InvocationOutcome.Throttled("limit", pause());
        } else if (chance.test(faults.tooLarge() / 4)) {
            return new InvocationOutcome.TooLarge("413");
        }
        return null;
    }

    private Duration pause() {
        return random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(random.nextInt(3_000));
    }

    private InvocationOutcome run(List<StreamRecord> records, boolean reports) {
        StreamRecord failing = firstFailing(records);
        if (chance.test(faults.functionError())) {
            return new InvocationOutcome.FunctionError("Error", "boom");
        } else if (reports && chance.test(faults.malformed())) {
            return nonsense(records);
        } else if (reports && !records.isEmpty() && (failing != null || chance.test(faults.partial()))) {
            return report(records, failing == null ? records.get(random.nextInt(records.size())) : failing);
        }
        return failing == null
                ? new InvocationOutcome.Succeeded(Payload.EMPTY)
                : new InvocationOutcome.FunctionError("Error", "cannot stand " + failing.sequenceNumber());
    }

    private @Nullable StreamRecord firstFailing(List<StreamRecord> records) {
        for (StreamRecord record : records) {
            int times = bad.getOrDefault(record, 0);
            if (times > 0) {
                bad.put(record, times == Integer.MAX_VALUE ? times : times - 1);
                return record;
            }
        }
        return null;
    }

    private InvocationOutcome nonsense(List<StreamRecord> records) {
        List<String> identifiers = new ArrayList<>();
        if (!records.isEmpty()) {
            identifiers.add(records.getLast().sequenceNumber().digits());
        }
        switch (random.nextInt(4)) {
            case 0 -> identifiers.add("");
            case 1 -> identifiers.addFirst("99999999999999999999999999999999");
            case 2 -> identifiers.add("shardId-000000000000");
            default -> {
                return new InvocationOutcome.MalformedAnswer("not JSON");
            }
        }
        return new InvocationOutcome.BatchItemFailures(identifiers);
    }

    /** The first failing record, and perhaps later ones: in any order, some twice, some with leading zeros. */
    private InvocationOutcome report(List<StreamRecord> records, StreamRecord first) {
        List<String> identifiers = new ArrayList<>();
        identifiers.add(first.sequenceNumber().digits());
        for (StreamRecord later : records.subList(records.indexOf(first), records.size())) {
            if (random.nextInt(4) == 0) {
                String number = later.sequenceNumber().digits();
                identifiers.add(
                        random.nextInt(identifiers.size() + 1), random.nextInt(8) == 0 ? "00" + number : number);
            }
        }
        return new InvocationOutcome.BatchItemFailures(identifiers);
    }

    private Payload state(WindowCall window) {
        if (chance.test(faults.hugeState() / 4)) {
            return random.nextBoolean() ? HUGE : LARGEST;
        }
        return Payload.ofText("{\"state\":" + ++states + ",\"of\":\"" + window.start() + "\"}");
    }

    static long eventBytes(List<StreamRecord> records) {
        return RecordsEvent.of(records.stream().map(StreamRecord::json).toList())
                .size();
    }
}
