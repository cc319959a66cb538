package dev.millrace.daemon.config;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Section;
import dev.millrace.daemon.config.ConfigLoader.Findings;
import dev.millrace.daemon.template.Intrinsics;
import dev.millrace.daemon.template.Template;
import dev.millrace.daemon.template.TemplateContext;
import dev.millrace.filter.DataKey;
import dev.millrace.filter.FilterOperators;
import dev.millrace.filter.RecordFilter;
import dev.millrace.invoke.InvokerProvider;
import dev.millrace.mapping.EventSourceKind;
import dev.millrace.mapping.MappingRules;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/** Reads the top level of a configuration, or a template given in its place. One use; not thread-safe. */
final class RootReader {

    private static final List<String> SERVICES =
            List.of("Sqs", "Kinesis", "DynamoDb", "DynamoDbStreams", "Sns", "S3", "Lambda", "Sts");
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,64}");
    private static final Pattern ACCOUNT_ID = Pattern.compile("[0-9]{12}");
    private static final Duration LONGEST_DEADLINE = Duration.ofMinutes(15);

    private final List<InvokerProvider> providers;
    private final Instant now;
    private final ConfigFiles files;
    private final Findings findings;

    RootReader(List<InvokerProvider> providers, Instant now, ConfigFiles files, Findings findings) {
        this.providers = providers;
        this.now = now;
        this.files = files;
        this.findings = findings;
    }

    DaemonConfig read(ConfigNode.Mapping tree, References references, Path file) {
        boolean template = Template.isTemplate(tree) && !tree.entries().containsKey("Functions");
        if (!template) {
            return configuration(
                    new Section("", references.resolve(tree), findings.problems()), file, Optional.empty());
        }
        Position top = new Position(file.toString(), 1);
        findings.problems()
                .add(
                        top,
                        "Functions",
                        "is missing: a template says what to poll, not how to invoke the functions. Write a"
                                + " configuration that names both, such as: {Templates: [" + file.getFileName()
                                + "], Functions: {NAME: {Http: {Url: \"http://127.0.0.1:9001/\"}}}}");
        return configuration(Section.empty("", top, findings.problems()), file, Optional.of(tree));
    }

    private DaemonConfig configuration(Section root, Path file, Optional<ConfigNode.Mapping> template) {
        AwsSettings aws = aws(root);
        ApiSettings api = api(root);
        ShutdownSettings shutdown = shutdown(root);
        LoggingSettings logging = logging(root);
        int filterQuota = filterQuota(root);
        FilterOperators operators = root.choice("FilterOperators", FilterOperators.class, FilterOperators.DOCUMENTED);
        Optional<Section> functionSections = root.section("Functions");
        List<FunctionConfig> functions = functionSections
                .map(section -> new FunctionReader(providers, aws).read(section))
                .orElse(List.of());
        Set<String> names = functionSections.map(Section::keys).orElse(Set.of());
        MappingRules rules = new MappingRules(filterQuota, patternCheck(operators), aws);
        MappingReader mappings = new MappingReader(rules, now, aws, functions, names);
        TemplateContext context = new TemplateContext(aws.region(), aws.accountId(), Map.of(), names);
        readMappings(root, mappings, context);
        TemplateReader templates =
                new TemplateReader(ConfigFiles.directoryOf(file), files, findings, mappings, context);
        template.ifPresent(templates::read);
        templates.readAll(root);
        root.rejectUnknownKeys();
        if (mappings.mappings().isEmpty()) {
            findings.warnings().add(root.position(), "EventSourceMappings", "is empty: nothing will be polled");
        }
        return new DaemonConfig(aws, api, functions, mappings.mappings(), shutdown, logging, operators, filterQuota);
    }

    private static BiPredicate<String, EventSourceKind> patternCheck(FilterOperators operators) {
        return (pattern, kind) ->
                RecordFilter.problem(pattern, DataKey.of(kind), operators).isEmpty();
    }

    private AwsSettings aws(Section root) {
        String region = root.string("Region", "us-east-1").strip();
        if (!REGION.matcher(region).matches()) {
            root.problem("Region", "'" + region + "' is no region name, such as us-east-1");
        }
        String accountId = root.string("AccountId", "000000000000").strip();
        if (!ACCOUNT_ID.matcher(accountId).matches()) {
            root.problem("AccountId", "'" + accountId + "' is no account id of twelve digits");
        }
        Map<String, URI> endpoints = new LinkedHashMap<>();
        root.section("Aws").ifPresent(section -> {
            section.section("Endpoints").ifPresent(found -> readEndpoints(found, endpoints));
            section.rejectUnknownKeys();
        });
        return new AwsSettings(region, accountId, endpoints);
    }

    private static void readEndpoints(Section section, Map<String, URI> endpoints) {
        for (String service : SERVICES) {
            section.string(service).ifPresent(text -> {
                try {
                    URI uri = new URI(text.strip());
                    boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
                    if (http && uri.getHost() != null) {
                        endpoints.put(service, uri);
                        return;
                    }
                } catch (URISyntaxException e) {
                    // Reported below together with other schemes: the remedy is the same.
                }
                section.problem(service, "'" + text + "' is no URL such as http://127.0.0.1:9324");
            });
        }
        section.rejectUnknownKeys();
    }

    private static ApiSettings api(Section root) {
        return root.section("Api")
                .map(section -> {
                    ApiSettings api = new ApiSettings(
                            section.string("Host", ApiSettings.DEFAULT.host()),
                            section.integer("Port", 0, 65_535, ApiSettings.DEFAULT.port()));
                    section.rejectUnknownKeys();
                    return api;
                })
                .orElse(ApiSettings.DEFAULT);
    }

    private static ShutdownSettings shutdown(Section root) {
        return root.section("Shutdown")
                .map(section -> {
                    Duration deadline = section.seconds(
                            "DeadlineSeconds", Duration.ZERO, LONGEST_DEADLINE, ShutdownSettings.DEFAULT.deadline());
                    section.rejectUnknownKeys();
                    return new ShutdownSettings(deadline);
                })
                .orElse(ShutdownSettings.DEFAULT);
    }

    private static LoggingSettings logging(Section root) {
        return root.section("Logging")
                .map(section -> {
                    LoggingSettings logging = new LoggingSettings(
                            section.choice("Format", LoggingSettings.Format.class, LoggingSettings.DEFAULT.format()),
                            section.choice("Level", LoggingSettings.Level.class, LoggingSettings.DEFAULT.level()));
                    section.rejectUnknownKeys();
                    return logging;
                })
                .orElse(LoggingSettings.DEFAULT);
    }

    private static int filterQuota(Section root) {
        return root.section("Quotas")
                .map(section -> {
                    int filters = section.integer(
                            "FiltersPerEventSourceMapping",
                            1,
                            MappingRules.MAXIMUM_FILTER_QUOTA,
                            MappingRules.DEFAULT_FILTER_QUOTA);
                    section.rejectUnknownKeys();
                    return filters;
                })
                .orElse(MappingRules.DEFAULT_FILTER_QUOTA);
    }

    private void readMappings(Section root, MappingReader mappings, TemplateContext context) {
        Intrinsics intrinsics = Intrinsics.withoutTemplate(context, findings.unresolved());
        List<ConfigNode> items = root.items("EventSourceMappings");
        for (int i = 0; i < items.size(); i++) {
            String path = root.pathOf("EventSourceMappings") + "[" + i + "]";
            if (items.get(i) instanceof ConfigNode.Mapping mapping) {
                mappings.read(new Section(path, intrinsics.resolveSection(mapping, path), findings.problems()));
            } else {
                findings.problems().add(items.get(i).position(), path, "expected a section");
            }
        }
    }
}
