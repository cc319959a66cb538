package dev.millrace.daemon.config;

import dev.millrace.config.Problems.Problem;
import java.util.List;

/** What came of reading a configuration. */
public sealed interface LoadedConfig {

    /**
     * It can be used.
     *
     * @param effective the configuration as YAML with its defaults, secrets masked, for the log
     * @param warnings what was left out, such as events of kinds that are not polled
     */
    record Valid(DaemonConfig config, String effective, List<Problem> warnings) implements LoadedConfig {
        public Valid {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * It cannot be used.
     *
     * @param problems everything found, by file and line; at least one
     */
    record Invalid(List<Problem> problems) implements LoadedConfig {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }
}
