package dev.millrace.daemon.config;

import dev.millrace.config.Problems;
import dev.millrace.daemon.template.Unresolved;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration file: YAML, then references, then records. Finds everything wrong with it in one go. Touches
 * nothing but files; safe to call at any time from one thread.
 */
public final class ConfigLoader {

    private final Plugins plugins;
    private final Function<String, @Nullable String> variables;
    private final Instant now;

    /**
     * A loader with everything it depends on.
     *
     * @param plugins the kinds of invokers a function may have, and of sources a mapping may poll
     * @param variables environment variables by name
     * @param now the time that a mapping's starting position is compared with
     */
    public ConfigLoader(Plugins plugins, Function<String, @Nullable String> variables, Instant now) {
        this.plugins = plugins;
        this.variables = variables;
        this.now = now;
    }

    /** The program's loader, which knows the process's environment. */
    public static ConfigLoader standard(Plugins plugins, Instant now) {
        return new ConfigLoader(plugins, System::getenv, now);
    }

    /**
     * Reads the file and the templates it names.
     *
     * @param file shown in messages as given
     */
    public LoadedConfig load(Path file) {
        Problems problems = new Problems();
        Problems warnings = new Problems();
        Unresolved unresolved = new Unresolved(problems);
        ConfigFiles files = new ConfigFiles(problems);
        Secrets secrets = new Secrets();
        Optional<DaemonConfig> config = files.read(file)
                .map(root -> new RootReader(plugins, now, files, new Findings(problems, warnings, unresolved))
                        .read(root, new References(variables, secrets, unresolved), file));
        List<Problems.Problem> found = unresolved.withoutConsequences();
        if (!found.isEmpty() || config.isEmpty()) {
            return new LoadedConfig.Invalid(files.sorted(found));
        }
        String effective = new EffectiveConfig(secrets).render(config.get());
        return new LoadedConfig.Valid(config.get(), effective, files.sorted(warnings.all()));
    }

    /** Where the parts of the reading put what they find. */
    record Findings(Problems problems, Problems warnings, Unresolved unresolved) {}
}
