package dev.millrace.daemon.config;

import dev.millrace.config.Section;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvokerProvider;

/** An invoker type for tests of the configuration; its invokers are never opened. */
public final class FakeInvokerProvider implements InvokerProvider {

    @Override
    public String type() {
        return "Fake";
    }

    @Override
    public InvokerFactory configure(FunctionSettings function, Section section) {
        section.string("Url");
        section.string("BearerToken");
        section.stringMap("Headers");
        return () -> {
            throw new UnsupportedOperationException("opened the fake invoker of " + function.name());
        };
    }
}
