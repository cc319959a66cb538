package dev.millrace.stream;

import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.failure.Discard;
import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.Payload;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.SequenceNumber;
import dev.millrace.source.StreamRecord;
import dev.millrace.source.StreamShard;
import dev.millrace.stream.ShardScenario.Settings;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * One mapping's shards against a simulated stream, function, destination and store on virtual time, with faults, splits and
 * merges, crashes, lost leases and restarts with other settings. Everything derives from the seed.
 * {@link ShardInvariants} watches every turn.
 */
final class ShardSimulation {

    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration LONGEST_RUN = Duration.ofHours(100);
    private static final int MOST_STEPS = 400_000;
    private static final Payload SMALL = Payload.of(new byte[200]);
    private static final Payload LARGE = Payload.of(new byte[700_000]);
    private static final Payload HUGE = Payload.of(new byte[6_200_000]);
    private static final Payload UNDELIVERABLE = Payload.of(new byte[6_300_000]);

    private final long seed;
    private final Random random;
    final Agenda agenda = new Agenda(START);
    final ShardScenario scenario;
    final SimulatedFunction function;
    private final Map<String, SimulatedRun> shards = new LinkedHashMap<>();
    private Settings settings;
    private BigInteger lastNumber;
    private int shardsMade;
    /** What the present process knows of the shards. */
    private ShardLineage known = ShardLineage.NONE;

    private boolean looksAgain;
    private boolean processDown;
    private boolean destinationDown;
    private boolean storeDown;
    private int failuresInARow;
    private FunctionHealth health = FunctionHealth.AVAILABLE;
    private final Set<StreamRecord> delivered = new HashSet<>();
    private final StringBuilder trace = new StringBuilder();
    private final boolean traces;

    ShardSimulation(long seed, boolean traces) {
        this.seed = seed;
        this.traces = traces;
        this.random = new Random(seed);
        this.scenario = ShardScenario.random(random);
        this.function = new SimulatedFunction(scenario.faults(), random, this::chance);
        this.settings = scenario.settings(random);
        // Numbers of different lengths, as DynamoDB's are.
        this.lastNumber =
                random.nextBoolean() ? BigInteger.ONE : new BigInteger("4959010000000000000000000000000000000");
    }

    /** Runs until every record is accounted for, then stops. Throws AssertionError on a violation. */
    void run() {
        TreeSet<String> keys = new TreeSet<>();
        for (int i = 0; i < scenario.keys(); i++) {
            keys.add("key-" + i);
        }
        addShard(List.of(), keys);
        plan();
        beginReady();
        runUntilIdle();
        stop(Duration.ofSeconds(30));
        shards.values().forEach(shard -> shard.invariants.everythingAccountedFor());
        discardsAreTold();
    }

    private void plan() {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < scenario.records(); i++) {
            times.add(random.nextLong(scenario.sendingTime().toMillis() + 1));
        }
        times.forEach(time -> agenda.in(Duration.ofMillis(time), this::send));
        repeat(scenario.crashes(), scenario.trouble(), this::crash);
        repeat(scenario.leaseLosses(), scenario.trouble(), this::loseLease);
        repeat(scenario.restarts(), scenario.trouble(), this::restart);
        repeat(scenario.reshards(), scenario.sendingTime(), this::reshard);
        repeat(scenario.shardGone() ? 3 : 0, scenario.trouble(), this::forgetShard);
        if (scenario.functionOutage()) {
            outage(down -> function.down = down);
        }
        if (scenario.destinationOutage()) {
            outage(down -> destinationDown = down);
        }
        if (scenario.storeOutage()) {
            outage(down -> storeDown = down);
        }
    }

    private void repeat(int times, Duration within, Runnable action) {
        for (int i = 0; i < times; i++) {
            agenda.in(Duration.ofMillis(random.nextLong(within.toMillis() + 1)), action);
        }
    }

    private void outage(java.util.function.Consumer<Boolean> down) {
        Duration from = Duration.ofMillis(random.nextLong(120_000));
        agenda.in(from, () -> down.accept(true));
        agenda.in(from.plusMillis(random.nextLong(400_000)), () -> down.accept(false));
    }

    // ---- the stream ----

    private SimulatedRun addShard(List<String> parents, NavigableSet<String> keys) {
        String id = "shard-" + shardsMade++;
        SimulatedShard.Source source =
                new SimulatedShard.Source(scenario.retention(), scenario.announcesTrimming(), scenario.tellsBehind());
        SimulatedShard shard = new SimulatedShard(id, parents, keys, source);
        SimulatedRun added = new SimulatedRun(
                this,
                shard,
                settings,
                ShardProgress.startingAt(new ReadPosition.TrimHorizon()),
                new Random(random.nextLong()));
        shards.put(id, added);
        return added;
    }

    private List<SimulatedShard> open() {
        return shards.values().stream()
                .map(run -> run.shard)
                .filter(SimulatedShard::isOpen)
                .toList();
    }

    private void send() {
        String key = "key-" + random.nextInt(scenario.keys());
        lastNumber = lastNumber.add(BigInteger.valueOf(1 + random.nextInt(3)));
        boolean matched = random.nextDouble() >= scenario.filteredShare();
        Instant arrival =
                agenda.now.minusMillis(random.nextLong(scenario.disorder().toMillis() + 1));
        StreamRecord record =
                new StreamRecord(SequenceNumber.of(lastNumber.toString()), key, arrival, payload(), matched);
        List<StreamRecord> packed = packed(record);
        cannotStand(record);
        packed.forEach(this::cannotStand);
        open().stream().filter(shard -> shard.keys.contains(key)).forEach(shard -> shard.add(record, packed));
    }

    private void cannotStand(StreamRecord record) {
        if (random.nextDouble() < scenario.badShare()) {
            function.cannotStand(record, scenario.endless() ? Integer.MAX_VALUE : 1 + random.nextInt(5));
        }
    }

    /** What a producer has packed into the record, if anything: records of any keys, each for itself filtered or not. */
    private List<StreamRecord> packed(StreamRecord whole) {
        List<StreamRecord> packed = new ArrayList<>();
        int count = random.nextDouble() < scenario.packedShare() ? 1 + random.nextInt(5) : 0;
        for (int index = 1; index <= count; index++) {
            packed.add(new StreamRecord(
                    whole.sequenceNumber().subRecord(index),
                    "key-" + random.nextInt(scenario.keys()),
                    whole.arrival(),
                    payload(),
                    random.nextDouble() >= scenario.filteredShare()));
        }
        return packed;
    }

    private Payload payload() {
        if (random.nextDouble() >= scenario.largeShare()) {
            return SMALL;
        }
        return switch (random.nextInt(8)) {
            case 0 -> HUGE;
            case 1 -> UNDELIVERABLE;
            default -> LARGE;
        };
    }

    private void reshard() {
        List<SimulatedShard> open = open();
        if (open.isEmpty()) {
            return;
        }
        SimulatedShard one = open.get(random.nextInt(open.size()));
        SimulatedShard other = open.get(random.nextInt(open.size()));
        List<StreamShard> children = new ArrayList<>();
        if (one == other) {
            TreeSet<String> left = new TreeSet<>();
            TreeSet<String> right = new TreeSet<>();
            one.keys.forEach(key -> (random.nextBoolean() ? left : right).add(key));
            children.add(addShard(List.of(one.id), left).shard.listed());
            children.add(addShard(List.of(one.id), right).shard.listed());
        } else {
            TreeSet<String> both = new TreeSet<>(one.keys);
            both.addAll(other.keys);
            children.add(addShard(List.of(one.id, other.id), both).shard.listed());
        }
        one.close(random.nextInt(4) == 0 ? List.of() : children);
        other.close(children);
    }

    /** The source forgets a closed shard before it was read to its end. */
    private void forgetShard() {
        List<SimulatedRun> closed = shards.values().stream()
                .filter(run -> !run.shard.isOpen() && !run.stored.finished())
                .toList();
        if (!closed.isEmpty()) {
            SimulatedRun forgotten = closed.get(random.nextInt(closed.size()));
            forgotten.shard.gone = true;
            tellGone(forgotten);
        }
    }

    /** As the coordinator does, whenever it has listed the shards. */
    private void tellGone(SimulatedRun forgotten) {
        beginReady();
        if (known.gone(running()).contains(forgotten.shard.id)) {
            forgotten.tell(new ShardEvent.ShardGone());
        }
        if (!forgotten.isOver()) {
            agenda.in(Duration.ofMinutes(1), () -> tellGone(forgotten));
        }
    }

    // ---- the process ----

    private void crash() {
        if (!processDown) {
            shards.values().forEach(SimulatedRun::crash);
            beginAgain(Duration.ofMillis(10 + random.nextInt(random.nextInt(4) == 0 ? 200_000 : 5_000)));
        }
    }

    private void loseLease() {
        List<SimulatedRun> running =
                shards.values().stream().filter(SimulatedRun::isRunning).toList();
        if (!running.isEmpty() && !processDown) {
            SimulatedRun loser = running.get(random.nextInt(running.size()));
            loser.loseLease();
            agenda.in(Duration.ofMillis(random.nextInt(10_000)), this::beginReady);
        }
    }

    private void restart() {
        if (processDown) {
            return;
        }
        processDown = true;
        Duration time = Duration.ofMillis(random.nextInt(20_000));
        Instant deadline = agenda.now.plus(time);
        shards.values().forEach(shard -> shard.stop(deadline));
        agenda.in(time.plusMillis(2_001), () -> {
            shards.values().forEach(this::hasStopped);
            beginAgain(Duration.ofMillis(random.nextInt(1_000)));
        });
    }

    private void hasStopped(SimulatedRun shard) {
        if (shard.isRunning()) {
            throw violation(shard.shard.id + " still runs after its deadline: " + shard.snapshot());
        }
    }

    private void beginAgain(Duration after) {
        processDown = true;
        agenda.in(after, () -> {
            processDown = false;
            known = ShardLineage.NONE;
            failuresInARow = 0;
            health = FunctionHealth.AVAILABLE;
            if (random.nextBoolean()) {
                settings = scenario.settings(random);
            }
            beginReady();
        });
    }

    /** As the coordinator does: what is listed may leave out any shard. */
    private void listShards() {
        List<StreamShard> listed = new ArrayList<>();
        Map<String, ShardProgress> stored = new LinkedHashMap<>();
        shards.forEach((id, shard) -> {
            stored.put(id, shard.stored);
            if (!shard.shard.gone && !chance(scenario.faults().lostInListing() / 2)) {
                listed.add(random.nextInt(listed.size() + 1), shard.shard.listed());
            }
        });
        known = known.with(stored).relisted(listed, true, agenda.now);
        boolean patchy = known.patchySince() != null;
        if ((patchy || !known.missing().isEmpty()) && !looksAgain) {
            looksAgain = true;
            agenda.in(Duration.ofSeconds(patchy ? 5 : 60), () -> {
                looksAgain = false;
                beginReady();
            });
        }
    }

    private Set<String> running() {
        return shards.values().stream()
                .filter(SimulatedRun::isRunning)
                .map(run -> run.shard.id)
                .collect(Collectors.toSet());
    }

    private void beginReady() {
        if (processDown) {
            return;
        }
        listShards();
        for (StreamShard ready : known.ready(running(), agenda.now)) {
            SimulatedRun shard = Objects.requireNonNull(shards.get(ready.shardId()));
            // What is wanted of a lineage: every record of a parent has ended before a child's first one is read. One
            // that is gone has none; it is begun to find that out.
            for (String parent : shard.shard.gone ? List.<String>of() : shard.shard.parents) {
                SimulatedRun before = Objects.requireNonNull(shards.get(parent));
                before.invariants.everythingAccountedFor();
                if (!before.stored.finished()) {
                    throw violation(ready.shardId() + " begins before " + parent + " is done");
                }
            }
            shard.begin(settings);
        }
        boolean stuck = running().isEmpty()
                && known.missing().isEmpty()
                && known.patchySince() == null
                && shards.values().stream().anyMatch(shard -> !shard.isOver());
        if (stuck) {
            throw violation("no shard runs, but some are not done");
        }
    }

    void shardEnded() {
        agenda.in(Duration.ofMillis(random.nextInt(2_000)), this::beginReady);
    }

    private void stop(Duration time) {
        processDown = true;
        Instant deadline = agenda.now.plus(time);
        shards.values().forEach(shard -> shard.stop(deadline));
        runUntil(() -> shards.values().stream().noneMatch(SimulatedRun::isRunning));
    }

    private void runUntilIdle() {
        Duration calm = later(scenario.trouble(), scenario.sendingTime()).plusSeconds(1);
        boolean[] idle = {false};
        agenda.in(calm, () -> look(idle));
        runUntil(() -> idle[0]);
    }

    private void look(boolean[] idle) {
        idle[0] = isIdle();
        agenda.in(Duration.ofSeconds(2), () -> look(idle));
    }

    private static Duration later(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private boolean isIdle() {
        return !processDown && shards.values().stream().allMatch(SimulatedRun::isIdle);
    }

    private void runUntil(BooleanSupplier done) {
        int steps = 0;
        while (!done.getAsBoolean()) {
            if (!agenda.step()) {
                throw violation("nothing is scheduled, but the run is not over");
            }
            if (agenda.now.isAfter(START.plus(LONGEST_RUN)) || ++steps > MOST_STEPS) {
                throw violation("the run does not end: "
                        + shards.values().stream().map(SimulatedRun::snapshot).toList());
            }
        }
    }

    /** Without trouble at the destination, everything that was given up while there was one has been told. */
    private void discardsAreTold() {
        boolean calm = !scenario.destinationOutage()
                && scenario.faults().deliveryError() == 0
                && scenario.faults().deliveryRefused() == 0
                && scenario.restarts() + scenario.crashes() + scenario.leaseLosses() == 0;
        if (calm && settings.hasDestination()) {
            for (SimulatedRun shard : shards.values()) {
                for (Discard discard : shard.invariants.givenUp) {
                    if (!delivered.containsAll(discard.records())) {
                        throw violation("the destination was not told of " + discard);
                    }
                }
            }
        }
    }

    // ---- faults ----

    boolean chance(double probability) {
        return agenda.now.isBefore(START.plus(scenario.trouble())) && random.nextDouble() < probability;
    }

    boolean destinationDown() {
        return destinationDown;
    }

    boolean storeDown() {
        return storeDown;
    }

    void delivered(Discard discard) {
        delivered.addAll(discard.records());
    }

    FunctionHealth health() {
        return health;
    }

    /** A circuit breaker as the daemon has it. */
    void invoked(InvocationOutcome outcome) {
        boolean bad = outcome instanceof InvocationOutcome.Unavailable;
        failuresInARow = bad ? failuresInARow + 1 : 0;
        if (bad && (health == FunctionHealth.PROBING || failuresInARow >= 5) && health != FunctionHealth.SUSPENDED) {
            health(FunctionHealth.SUSPENDED);
            agenda.in(Duration.ofMillis(1_000 + random.nextInt(20_000)), () -> {
                if (health == FunctionHealth.SUSPENDED) {
                    health(FunctionHealth.PROBING);
                }
            });
        } else if (!bad && health == FunctionHealth.PROBING) {
            health(FunctionHealth.AVAILABLE);
        }
    }

    private void health(FunctionHealth changed) {
        health = changed;
        agenda.in(
                Duration.ZERO,
                () -> shards.values().forEach(shard -> shard.tell(new ShardEvent.FunctionHealthChanged(changed))));
    }

    // ---- for people ----

    void trace(String shard, Object what) {
        if (traces) {
            trace.append(Duration.between(START, agenda.now))
                    .append(' ')
                    .append(shard)
                    .append(' ')
                    .append(what)
                    .append('\n');
        }
    }

    String trace() {
        return trace.toString();
    }

    private AssertionError violation(String what) {
        return new AssertionError(what);
    }

    @Override
    public String toString() {
        return "seed " + seed + " at " + Duration.between(START, agenda.now) + ": " + scenario + " " + settings;
    }

    /** Virtual time: what is still to happen, in order. */
    static final class Agenda {

        private record Entry(Instant at, long order, Runnable action) implements Comparable<Entry> {
            @Override
            public int compareTo(Entry other) {
                int byTime = at.compareTo(other.at);
                return byTime != 0 ? byTime : Long.compare(order, other.order);
            }
        }

        private final PriorityQueue<Entry> entries = new PriorityQueue<>();
        private long order;
        Instant now;

        Agenda(Instant start) {
            this.now = start;
        }

        void in(Duration time, Runnable action) {
            entries.add(new Entry(now.plus(time), order++, action));
        }

        /** At this time, or at once when it has passed. */
        void at(Instant time, Runnable action) {
            entries.add(new Entry(time.isBefore(now) ? now : time, order++, action));
        }

        /** Does what is next; answers whether there was anything. */
        boolean step() {
            Entry next = entries.poll();
            if (next == null) {
                return false;
            }
            now = next.at();
            next.action().run();
            return true;
        }
    }
}
