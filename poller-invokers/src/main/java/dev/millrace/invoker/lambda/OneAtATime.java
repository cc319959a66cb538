package dev.millrace.invoker.lambda;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationOutcome.Throttled;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets one invocation through at a time, in the order of their coming, since the Runtime Interface Emulator refuses a
 * second one (spec 7.4). Mappings know from {@link #capacity()} not to ask for more; an invocation that has waited for its
 * whole timeout all the same is throttled, since it did not run.
 */
final class OneAtATime implements Invoker {

    private final Invoker invoker;
    private final Semaphore turn = new Semaphore(1, true);

    OneAtATime(Invoker invoker) {
        this.invoker = invoker;
    }

    @Override
    public InvocationOutcome invoke(InvocationRequest request) throws InterruptedException {
        if (!turn.tryAcquire(request.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
            return new Throttled(
                    "ConcurrentInvocationLimitExceeded: a Runtime Interface Emulator runs one invocation at a time",
                    Duration.ZERO);
        }
        try {
            return invoker.invoke(request);
        } finally {
            turn.release();
        }
    }

    @Override
    public OptionalInt capacity() {
        return OptionalInt.of(1);
    }

    @Override
    public void close() {
        invoker.close();
    }
}
