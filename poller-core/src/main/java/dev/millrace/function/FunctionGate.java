package dev.millrace.function;

import dev.millrace.invoke.FunctionHealth;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One function as all its mappings share it: every invocation passes its reserved concurrency and its circuit breaker, and
 * goes to the version that the mapping's qualifier stands for. Safe for use by many threads.
 */
public final class FunctionGate implements AutoCloseable {

    /**
     * How long an invocation waits for its turn when several mappings share what the function has. Short: while it waits, its
     * messages' visibility runs.
     */
    private static final Duration TURN = Duration.ofSeconds(1);

    private final String name;
    private final OptionalInt reservedConcurrency;
    private final Map<String, Turns> versions;
    private final Map<String, AliasRouting> aliases;
    private final @Nullable Semaphore reserved;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final @Nullable CircuitBreaker breaker;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param name for messages and metrics
     * @param limits reserved concurrency and breaker
     * @param versions by number or {@code $LATEST}; their invokers are closed with this gate
     * @param aliases by name; every version they name is among the versions
     */
    public FunctionGate(String name, Limits limits, Map<String, Version> versions, Map<String, AliasRouting> aliases) {
        this.name = name;
        this.reservedConcurrency = limits.reservedConcurrency();
        this.versions = versions.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> new Turns(entry.getValue())));
        this.aliases = Map.copyOf(aliases);
        this.reserved = reservedConcurrency.isPresent() ? turns(reservedConcurrency.getAsInt()) : null;
        this.breaker = limits.breaker().enabled() ? breaker(name, limits.breaker()) : null;
        if (breaker != null) {
            breaker.getEventPublisher().onStateTransition(_ -> listeners.forEach(Runnable::run));
        }
    }

    /**
     * One version of the function.
     *
     * @param timeout how long an invocation of it may take, 1 to 900 s
     */
    public record Version(Invoker invoker, Duration timeout) {}

    /** One version and the turns that its invoker gives, null when it does not limit them. */
    private record Turns(Version version, @Nullable Semaphore turns) {
        Turns(Version version) {
            this(
                    version,
                    version.invoker().capacity().isPresent()
                            ? FunctionGate.turns(version.invoker().capacity().getAsInt())
                            : null);
        }
    }

    private static Semaphore turns(int limit) {
        return new Semaphore(limit, true);
    }

    /** Longer than any invocation takes: how long a function may run is its timeout's matter, not the breaker's. */
    private static final Duration NEVER_SLOW = Duration.ofDays(1);

    /** What bounds a function's invocations, all versions together. */
    public record Limits(OptionalInt reservedConcurrency, BreakerSettings breaker) {}

    static CircuitBreaker breaker(String name, BreakerSettings settings) {
        Predicate<Object> isDown = outcome ->
                outcome instanceof InvocationOutcome.Unavailable || outcome instanceof InvocationOutcome.Throttled;
        return CircuitBreaker.of(
                name,
                CircuitBreakerConfig.custom()
                        .failureRateThreshold((float) settings.failureRateThreshold())
                        .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(settings.slidingWindowSize())
                        .minimumNumberOfCalls(settings.minimumNumberOfCalls())
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .automaticTransitionFromOpenToHalfOpenEnabled(true)
                        .waitIntervalFunctionInOpenState(IntervalFunction.ofExponentialRandomBackoff(
                                settings.open(), 2.0, 0.2, settings.maximumOpen()))
                        .recordResult(isDown)
                        .slowCallDurationThreshold(NEVER_SLOW)
                        .build());
    }

    public String name() {
        return name;
    }

    /**
     * How long an invocation through this qualifier may take: of an alias the longest timeout of the versions that it may
     * choose, of a version its own.
     *
     * @param qualifier a version or an alias of this function; null means {@code $LATEST}
     */
    public Duration timeout(@Nullable String qualifier) {
        return versions(qualifier)
                .map(Version::timeout)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    public OptionalInt reservedConcurrency() {
        return reservedConcurrency;
    }

    /** Most invocations at a time through this qualifier: the reserved concurrency or what the invoker can take. */
    public OptionalInt concurrencyLimit(@Nullable String qualifier) {
        IntStream capacities = versions(qualifier).flatMapToInt(version -> version.invoker().capacity().stream());
        return IntStream.concat(capacities, reservedConcurrency.stream()).min();
    }

    /** Every version that an invocation of this qualifier may go to. */
    private Stream<Version> versions(@Nullable String qualifier) {
        AliasRouting alias = qualifier == null ? null : aliases.get(qualifier);
        Set<String> names =
                alias != null ? alias.versions() : Set.of(qualifier == null ? FunctionSettings.LATEST : qualifier);
        return names.stream().map(name -> turns(name).version());
    }

    private Turns turns(String version) {
        Turns turns = versions.get(version);
        if (turns == null) {
            // The configuration's reader refuses such a mapping.
            throw new IllegalArgumentException("function " + name + " has no version " + version);
        }
        return turns;
    }

    /** Invocations in flight, for people. */
    public int concurrency() {
        return inFlight.get();
    }

    /** What the breaker allows at this moment. */
    public FunctionHealth health() {
        if (breaker == null) {
            return FunctionHealth.AVAILABLE;
        }
        return switch (breaker.getState()) {
            case OPEN, FORCED_OPEN -> FunctionHealth.SUSPENDED;
            case HALF_OPEN -> FunctionHealth.PROBING;
            case CLOSED, DISABLED, METRICS_ONLY -> FunctionHealth.AVAILABLE;
        };
    }

    /** Calls the listener after each change of {@link #health()}, on whichever thread caused it. It must not block. */
    public void onHealthChange(Runnable listener) {
        listeners.add(listener);
    }

    public void removeListener(Runnable listener) {
        listeners.remove(listener);
    }

    /** The version that the next invocation of this qualifier goes to. */
    public String version(@Nullable String qualifier, RandomGenerator random) {
        AliasRouting alias = qualifier == null ? null : aliases.get(qualifier);
        return alias != null ? alias.choose(random) : qualifier == null ? FunctionSettings.LATEST : qualifier;
    }

    /**
     * Invokes the request's version. When the function has no turn left for it within a second, it is throttled.
     *
     * @throws InterruptedException when the daemon stops
     */
    public InvocationOutcome invoke(InvocationRequest request) throws InterruptedException {
        Turns executed = turns(request.executedVersion());
        Invoker invoker = executed.version().invoker();
        return inTurn(
                reserved,
                InvocationOutcome.Throttled.AT_RESERVED_CONCURRENCY,
                () -> inTurn(executed.turns(), InvocationOutcome.Throttled.AT_CAPACITY, () -> {
                    inFlight.incrementAndGet();
                    try {
                        return breaker == null ? invoke(invoker, request) : invoke(invoker, request, breaker);
                    } finally {
                        inFlight.decrementAndGet();
                    }
                }));
    }

    @FunctionalInterface
    private interface Invocation {
        InvocationOutcome run() throws InterruptedException;
    }

    private static InvocationOutcome inTurn(@Nullable Semaphore turns, String reason, Invocation invocation)
            throws InterruptedException {
        if (turns == null) {
            return invocation.run();
        }
        if (!turns.tryAcquire(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
            return new InvocationOutcome.Throttled(reason, Duration.ZERO);
        }
        try {
            return invocation.run();
        } finally {
            turns.release();
        }
    }

    private InvocationOutcome invoke(Invoker invoker, InvocationRequest request, CircuitBreaker guard)
            throws InterruptedException {
        if (!guard.tryAcquirePermission()) {
            return new InvocationOutcome.Unavailable("the circuit breaker of " + name + " is open", Duration.ZERO);
        }
        boolean probe = isHalfOpen(guard);
        long start = System.nanoTime();
        boolean ended = false;
        try {
            InvocationOutcome outcome = invoke(invoker, request);
            if (probe || !isHalfOpen(guard)) {
                guard.onResult(System.nanoTime() - start, TimeUnit.NANOSECONDS, outcome);
            }
            ended = true;
            return outcome;
        } finally {
            if (!ended && (probe || !isHalfOpen(guard))) {
                guard.releasePermission();
            }
        }
    }

    /** While half open, only the probe's result counts: what was started before the outage says nothing about now. */
    private static boolean isHalfOpen(CircuitBreaker guard) {
        return guard.getState() == CircuitBreaker.State.HALF_OPEN;
    }

    private InvocationOutcome invoke(Invoker invoker, InvocationRequest request) throws InterruptedException {
        try {
            return Objects.requireNonNull(invoker.invoke(request), "the invoker answered null");
        } catch (RuntimeException e) {
            // A defect of a plug-in must not stop the mapping; whether the function ran is unknown.
            return new InvocationOutcome.FunctionError("Millrace.InvokerFailed", String.valueOf(e));
        }
    }

    @Override
    public void close() {
        versions.values().forEach(one -> one.version().invoker().close());
    }
}
