package dev.millrace.runner;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.Payload;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** Tells what it is invoked with, and holds every invocation until it is let go. */
final class HeldFunction implements Invoker {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    volatile CountDownLatch mayEnd = new CountDownLatch(0);
    volatile boolean interrupted;

    @Override
    public InvocationOutcome invoke(InvocationRequest request) throws InterruptedException {
        events.add(request.event().text());
        try {
            mayEnd.await();
        } catch (InterruptedException e) {
            interrupted = true;
            throw e;
        }
        return new InvocationOutcome.Succeeded(Payload.EMPTY);
    }

    @Override
    public void close() {}
}
