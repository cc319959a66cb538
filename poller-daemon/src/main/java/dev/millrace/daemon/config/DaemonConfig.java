package dev.millrace.daemon.config;

import dev.millrace.config.AwsSettings;
import dev.millrace.mapping.EventSourceMapping;
import java.util.List;

/**
 * Everything the daemon was told, checked and with defaults filled in. Every mapping's function is among the functions,
 * and every enabled mapping's source is served by a plug-in.
 *
 * @param functions in the order of the file
 * @param mappings of the file first, then of its templates
 */
public record DaemonConfig(
        AwsSettings aws,
        ApiSettings api,
        List<FunctionConfig> functions,
        List<EventSourceMapping> mappings,
        ShutdownSettings shutdown,
        LoggingSettings logging,
        FilterSettings filters,
        StoreSettings store,
        CoordinationSettings coordination) {
    public DaemonConfig {
        functions = List.copyOf(functions);
        mappings = List.copyOf(mappings);
    }
}
