package dev.millrace.daemon.config;

import dev.millrace.config.ConfigNode;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvokerProvider;

/**
 * One version of a function and how it is invoked.
 *
 * @param settings its version is {@code $LATEST} for what stands directly below the function's name
 * @param invokerType key of the invoker's section, such as {@code Http}
 * @param invokerSection the section as read, secrets included: never log it, {@link LoadedConfig.Valid#effective()} is for that
 * @param invoker opens the invoker
 */
public record FunctionVersion(
        FunctionSettings settings,
        String invokerType,
        ConfigNode.Mapping invokerSection,
        InvokerProvider.InvokerFactory invoker) {

    @Override
    public String toString() {
        return settings.name() + ":" + settings.version() + " (" + invokerType + ")";
    }
}
