package dev.millrace.daemon.run;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for SIGTERM or SIGINT. The first asks for an orderly stop, a second ends the process at once. A shutdown hook could
 * not do this: the JVM ignores signals once its hooks run.
 */
public final class Signals {

    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);
    private static final List<String> NAMES = List.of("TERM", "INT");
    /** What a shell reports for a process that ended by SIGINT; no better code exists for "interrupted twice". */
    private static final int INTERRUPTED = 130;

    private final CountDownLatch first = new CountDownLatch(1);
    private final AtomicInteger received = new AtomicInteger();

    /** Takes over both signals. */
    public Signals() {
        NAMES.forEach(this::handle);
    }

    /** Returns after the first signal. */
    public void await() throws InterruptedException {
        first.await();
    }

    /** Waits for a signal, at most this long; true when one has come. */
    public boolean await(Duration time) throws InterruptedException {
        return first.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether a signal has come. */
    public boolean received() {
        return received.get() > 0;
    }

    // By reflection: javac warns of sun.misc.Signal in a way that cannot be suppressed, and there is no other API.
    private void handle(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler invocation = this::invoked;
            Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, invocation);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            LOG.atWarn().addKeyValue("signal", name).setCause(e).log("cannot handle this signal; it ends the process");
        }
    }

    @SuppressWarnings("ReferenceEquality") // A handler is equal to itself only.
    private Object invoked(Object proxy, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "handle" -> {
                signalled();
                yield proxy;
            }
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            default -> method.getName();
        };
    }

    private void signalled() {
        if (received.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(INTERRUPTED);
        }
        first.countDown();
    }
}
