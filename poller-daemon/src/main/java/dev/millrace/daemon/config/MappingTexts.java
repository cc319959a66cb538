package dev.millrace.daemon.config;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.Problems;
import dev.millrace.config.Problems.Problem;
import dev.millrace.config.Section;
import dev.millrace.daemon.config.ConfigLoader.Findings;
import dev.millrace.daemon.template.Intrinsics;
import dev.millrace.daemon.template.TemplateContext;
import dev.millrace.daemon.template.Unresolved;
import dev.millrace.daemon.yaml.YamlReader;
import dev.millrace.mapping.EventSourceMapping;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads mappings that are written apart from a configuration, by its rules and for its functions; and writes them so that they
 * can be read again. What one reader has read must not conflict. Not thread-safe.
 */
public final class MappingTexts {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final DaemonConfig config;
    private final MappingReader reader;

    /**
     * A reader that has read nothing yet.
     *
     * @param config valid; its own mappings do not matter
     * @param now the time that a mapping's starting position is compared with
     */
    public MappingTexts(DaemonConfig config, Plugins plugins, Instant now) {
        this.config = config;
        this.reader = new MappingReader(
                MappingReader.rules(config.filters(), config.aws()),
                plugins,
                now,
                config.functions(),
                functions(config));
    }

    private static Set<String> functions(DaemonConfig config) {
        Set<String> names = new TreeSet<>();
        config.functions().forEach(function -> names.add(function.name()));
        return names;
    }

    /**
     * What came of reading.
     *
     * @param mappings those that broke no rule
     * @param problems everything that is wrong
     * @param warnings what was left out
     */
    public record Read(List<EventSourceMapping> mappings, List<Problem> problems, List<Problem> warnings) {
        public Read {
            mappings = List.copyOf(mappings);
            problems = List.copyOf(problems);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Reads a file with {@code EventSourceMappings} and {@code Templates}, as a configuration has them, and no other keys.
     *
     * @param variables environment variables by name
     */
    public Read file(Path file, Function<String, @Nullable String> variables) {
        Problems problems = new Problems();
        Problems warnings = new Problems();
        Unresolved unresolved = new Unresolved(problems);
        ConfigFiles files = new ConfigFiles(problems);
        int before = reader.mappings().size();
        files.read(file)
                .map(tree -> new References(variables, new Secrets(), unresolved).resolve(tree))
                .ifPresent(tree -> {
                    Section root = new Section("", tree, problems);
                    TemplateContext context = new TemplateContext(
                            config.aws().region(), config.aws().accountId(), Map.of(), functions(config));
                    reader.readAll(root, Intrinsics.withoutTemplate(context, unresolved));
                    new TemplateReader(files, new Findings(problems, warnings, unresolved), reader, context)
                            .readAll(root);
                    root.rejectUnknownKeys();
                });
        return new Read(
                readSince(before), files.sorted(unresolved.withoutConsequences()), files.sorted(warnings.all()));
    }

    /**
     * Reads one mapping.
     *
     * @param name of the text, for messages
     */
    public Read json(String name, String text) {
        Problems problems = new Problems();
        int before = reader.mappings().size();
        YamlReader.read(name, text, problems).ifPresent(tree -> reader.read(new Section("", tree, problems)));
        return new Read(problems.isEmpty() ? readSince(before) : List.of(), problems.all(), List.of());
    }

    private List<EventSourceMapping> readSince(int before) {
        return reader.mappings().subList(before, reader.mappings().size());
    }

    /** The mapping's members with their defaults; the same text for the same mapping. Secrets are not masked. */
    public static String write(EventSourceMapping mapping) {
        return JSON.valueToTree(new EffectiveConfig(Secrets.shown()).mapping(mapping))
                .toString();
    }
}
