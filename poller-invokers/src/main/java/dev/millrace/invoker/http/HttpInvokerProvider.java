package dev.millrace.invoker.http;

import dev.millrace.config.Section;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvokerProvider;
import java.time.InstantSource;
import java.util.Optional;

/** Makes invokers of functions that are HTTP servers; {@code Http} in the configuration. */
public final class HttpInvokerProvider implements InvokerProvider {

    @Override
    public String type() {
        return "Http";
    }

    @Override
    public InvokerFactory configure(FunctionSettings function, Section section) {
        Optional<HttpSettings> settings = HttpSettings.read(section);
        return () -> HttpInvoker.open(
                function,
                settings.orElseThrow(() -> new IllegalStateException("opened in spite of a wrong configuration")),
                InstantSource.system());
    }
}
