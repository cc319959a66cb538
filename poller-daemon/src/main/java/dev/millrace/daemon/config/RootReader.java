package dev.millrace.daemon.config;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Section;
import dev.millrace.coordination.PlacementProvider;
import dev.millrace.coordination.PlacementProvider.PlacementFactory;
import dev.millrace.daemon.config.ConfigLoader.Findings;
import dev.millrace.daemon.config.CoordinationSettings.Mode;
import dev.millrace.daemon.template.Intrinsics;
import dev.millrace.daemon.template.Template;
import dev.millrace.daemon.template.TemplateContext;
import dev.millrace.filter.FilterOperators;
import dev.millrace.mapping.MappingRules;
import dev.millrace.runner.Standalone;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads the top level of a configuration, or a template given in its place. One use; not thread-safe. */
final class RootReader {

    private static final Duration LONGEST_DEADLINE = Duration.ofMinutes(15);

    private final Plugins plugins;
    private final Instant now;
    private final ConfigFiles files;
    private final Findings findings;

    RootReader(Plugins plugins, Instant now, ConfigFiles files, Findings findings) {
        this.plugins = plugins;
        this.now = now;
        this.files = files;
        this.findings = findings;
    }

    DaemonConfig read(ConfigNode.Mapping tree, References references, Path file) {
        boolean template = Template.isTemplate(tree) && !tree.entries().containsKey("Functions");
        if (!template) {
            return configuration(new Section("", references.resolve(tree), findings.problems()), Optional.empty());
        }
        Position top = new Position(file.toString(), 1);
        findings.problems()
                .add(
                        top,
                        "Functions",
                        "is missing: a template says what to poll, not how to invoke the functions. Write a"
                                + " configuration that names both, such as: {Templates: [" + file.getFileName()
                                + "], Functions: {NAME: {Http: {Url: \"http://127.0.0.1:9001/\"}}}}");
        return configuration(Section.empty("", top, findings.problems()), Optional.of(tree));
    }

    private DaemonConfig configuration(Section root, Optional<ConfigNode.Mapping> template) {
        AwsSettings aws = AwsReader.read(root);
        ApiSettings api = api(root);
        ShutdownSettings shutdown = shutdown(root);
        LoggingSettings logging = logging(root);
        CoordinationSettings coordination = coordination(root, aws, shutdown.deadline());
        StoreSettings store = new StoreReader(plugins.stores()).read(root, coordination.mode(), aws);
        FilterSettings filters = filters(root);
        Optional<Section> functionSections = root.section("Functions");
        List<FunctionConfig> functions = functionSections
                .map(section -> new FunctionReader(plugins.invokers(), aws).read(section))
                .orElse(List.of());
        Set<String> names = functionSections.map(Section::keys).orElse(Set.of());
        MappingReader mappings = new MappingReader(MappingReader.rules(filters, aws), plugins, now, functions, names);
        TemplateContext context = new TemplateContext(aws.region(), aws.accountId(), Map.of(), names);
        mappings.readAll(root, Intrinsics.withoutTemplate(context, findings.unresolved()));
        TemplateReader templates = new TemplateReader(files, findings, mappings, context);
        template.ifPresent(templates::read);
        templates.readAll(root);
        root.rejectUnknownKeys();
        if (mappings.mappings().isEmpty() && store.factory().definitionsEvery().isEmpty()) {
            findings.warnings().add(root.position(), "EventSourceMappings", "is empty: nothing will be polled");
        }
        return new DaemonConfig(
                aws, api, functions, mappings.mappings(), shutdown, logging, filters, store, coordination);
    }

    private static ApiSettings api(Section root) {
        ApiSettings unset = ApiSettings.DEFAULT;
        return settings(
                root,
                "Api",
                section -> {
                    String host = section.string("Host", unset.host()).strip();
                    if (host.isEmpty()) {
                        section.problem("Host", "is empty; write an address such as 127.0.0.1, or 0.0.0.0 for all");
                    }
                    return new ApiSettings(host, section.integer("Port", 0, 65_535, unset.port()));
                },
                unset);
    }

    private static ShutdownSettings shutdown(Section root) {
        ShutdownSettings unset = ShutdownSettings.DEFAULT;
        return settings(
                root,
                "Shutdown",
                section -> new ShutdownSettings(
                        section.seconds("DeadlineSeconds", Duration.ZERO, LONGEST_DEADLINE, unset.deadline())),
                unset);
    }

    private static LoggingSettings logging(Section root) {
        LoggingSettings unset = LoggingSettings.DEFAULT;
        return settings(
                root,
                "Logging",
                section -> new LoggingSettings(
                        section.choice("Format", LoggingSettings.Format.class, unset.format()),
                        section.choice("Level", LoggingSettings.Level.class, unset.level())),
                unset);
    }

    private CoordinationSettings coordination(Section root, AwsSettings aws, Duration handOver) {
        Section section = root.section("Coordination")
                .orElseGet(() -> Section.empty("Coordination", root.position(), findings.problems()));
        Mode mode = section.choice("Mode", Mode.class, Mode.STANDALONE);
        return switch (mode) {
            case STANDALONE -> {
                section.rejectUnknownKeys();
                yield new CoordinationSettings(mode, new Standalone());
            }
            case KCL -> new CoordinationSettings(mode, cluster(section, aws, handOver));
        };
    }

    private PlacementFactory cluster(Section section, AwsSettings aws, Duration handOver) {
        Optional<PlacementProvider> provider = plugins.cluster().get();
        if (provider.isEmpty()) {
            section.problem(
                    "Mode",
                    "Kcl needs the jars of the folder lib-cluster, beside lib, and they are not there; install all of"
                            + " Millrace");
            return new Standalone();
        }
        PlacementFactory factory = provider.get().configure(section, aws, handOver);
        section.rejectUnknownKeys();
        return factory;
    }

    private static FilterSettings filters(Section root) {
        FilterSettings unset = FilterSettings.DEFAULT;
        return new FilterSettings(
                root.choice("FilterOperators", FilterOperators.class, unset.operators()),
                settings(
                        root,
                        "Quotas",
                        section -> section.integer(
                                "FiltersPerEventSourceMapping", 1, MappingRules.MAXIMUM_FILTER_QUOTA, unset.quota()),
                        unset.quota()));
    }

    /** A section of its own below the top, or what stands in for it when it is absent. */
    private static <T> T settings(Section root, String key, Function<Section, T> read, T absent) {
        return root.section(key)
                .map(section -> {
                    T settings = read.apply(section);
                    section.rejectUnknownKeys();
                    return settings;
                })
                .orElse(absent);
    }
}
