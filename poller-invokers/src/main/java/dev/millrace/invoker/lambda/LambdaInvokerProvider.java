package dev.millrace.invoker.lambda;

import dev.millrace.config.Section;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvokerProvider;
import java.time.InstantSource;
import java.util.Optional;

/** Makes invokers of functions behind Lambda's Invoke API; {@code Lambda} in the configuration. */
public final class LambdaInvokerProvider implements InvokerProvider {

    @Override
    public String type() {
        return "Lambda";
    }

    @Override
    public InvokerFactory configure(FunctionSettings function, Section section) {
        Optional<LambdaSettings> settings = LambdaSettings.read(function, section);
        return () -> LambdaInvoker.open(
                settings.orElseThrow(() -> new IllegalStateException("opened in spite of a wrong configuration")),
                LambdaInvoker.GRACE,
                InstantSource.system());
    }
}
