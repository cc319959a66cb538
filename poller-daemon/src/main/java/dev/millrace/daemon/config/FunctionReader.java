package dev.millrace.daemon.config;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.ConfigNode;
import dev.millrace.config.NearestMatch;
import dev.millrace.config.Section;
import dev.millrace.function.AliasRouting;
import dev.millrace.function.BreakerSettings;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvokerProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Reads the section {@code Functions}. Not thread-safe. */
final class FunctionReader {

    private static final Pattern FUNCTION_NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
    private static final Pattern VERSION = Pattern.compile("[0-9]{1,10}");
    private static final Pattern ALIAS_NAME = Pattern.compile("(?![0-9]+$)[a-zA-Z0-9_-]{1,128}");

    private static final int MAXIMUM_TIMEOUT = 900;
    private static final int DEFAULT_TIMEOUT = 3;
    /** Far above AWS's account quotas; a bound against typing errors. */
    private static final int MAXIMUM_CONCURRENCY = 100_000;

    private static final Duration SHORTEST_OPEN = Duration.ofMillis(100);
    private static final Duration LONGEST_OPEN = Duration.ofHours(1);

    private final List<InvokerProvider> providers;
    private final AwsSettings aws;

    FunctionReader(List<InvokerProvider> providers, AwsSettings aws) {
        this.providers = providers;
        this.aws = aws;
    }

    List<FunctionConfig> read(Section functions) {
        List<FunctionConfig> read = new ArrayList<>();
        for (String name : functions.keys()) {
            if (!FUNCTION_NAME.matcher(name).matches()) {
                functions.problem(name, "a function's name has 1 to 64 letters, digits, hyphens and underscores");
            }
            functions.section(name).flatMap(section -> function(name, section)).ifPresent(read::add);
        }
        return read;
    }

    private Optional<FunctionConfig> function(String name, Section section) {
        Duration timeout = timeout(section, Duration.ofSeconds(DEFAULT_TIMEOUT));
        OptionalInt concurrency = section.integer("ReservedConcurrency", 0, MAXIMUM_CONCURRENCY);
        FunctionSettings settings = new FunctionSettings(
                name, FunctionSettings.LATEST, timeout, concurrency, environment(section, Map.of()), aws);
        BreakerSettings breaker = breaker(section);
        Optional<Section> versionSections = section.section("Versions");
        Optional<Section> aliasSections = section.section("Aliases");
        Optional<Chosen> chosen = choose(section, true);
        chosen.ifPresent(_ -> section.rejectUnknownKeys());
        if (chosen.isEmpty()) {
            return Optional.empty();
        }
        Map<String, FunctionVersion> versions = new LinkedHashMap<>();
        versions.put(FunctionSettings.LATEST, version(settings, chosen.get()));
        versionSections.ifPresent(found -> readVersions(found, settings, chosen.get(), versions));
        Map<String, AliasRouting> aliases = new LinkedHashMap<>();
        aliasSections.ifPresent(found -> readAliases(found, versions, aliases));
        return Optional.of(new FunctionConfig(name, versions, aliases, breaker));
    }

    private static Duration timeout(Section section, Duration inherited) {
        return section.seconds("Timeout", Duration.ofSeconds(1), Duration.ofSeconds(MAXIMUM_TIMEOUT), inherited);
    }

    private static Map<String, String> environment(Section section, Map<String, String> inherited) {
        return section.section("Environment")
                .map(environment -> {
                    Map<String, String> variables = environment.stringMap("Variables");
                    environment.rejectUnknownKeys();
                    return variables;
                })
                .orElse(inherited);
    }

    /** The invoker that a section selects, with the section below its key. */
    private record Chosen(InvokerProvider provider, String path, ConfigNode.Mapping node, Section parent) {}

    private Optional<Chosen> choose(Section section, boolean required) {
        List<Chosen> chosen = new ArrayList<>();
        boolean broken = false;
        for (InvokerProvider provider : providers) {
            String type = provider.type();
            if (!section.has(type)) {
                continue;
            }
            ConfigNode node = section.node(type).orElseThrow();
            Optional<Section> found = section.section(type); // Reports a value that is no section.
            broken |= found.isEmpty();
            found.ifPresent(invoker -> chosen.add(new Chosen(
                    provider,
                    invoker.path(),
                    node instanceof ConfigNode.Mapping mapping
                            ? mapping
                            : new ConfigNode.Mapping(Map.of(), node.position()),
                    section)));
        }
        if (chosen.size() > 1) {
            section.problem(
                    chosen.get(1).provider().type(),
                    "a function has one invoker; "
                            + chosen.getFirst().provider().type() + " is already given; remove one");
        }
        if (chosen.isEmpty() && !broken && required) {
            reportMissing(section);
        }
        return chosen.stream().findFirst();
    }

    /** One message that covers a misspelt invoker as well as a forgotten one. */
    private void reportMissing(Section section) {
        section.rejectUnknownKeys();
        List<String> types = providers.stream().map(InvokerProvider::type).toList();
        boolean misspelt = section.keys().stream()
                .anyMatch(key -> NearestMatch.of(key, types).isPresent() && !isCommonKey(key));
        if (!misspelt) {
            section.problems()
                    .add(
                            section.position(),
                            section.path(),
                            "says nothing of how to invoke the function; add one of "
                                    + (types.isEmpty()
                                            ? "(no invoker is on the class path)"
                                            : String.join(", ", types)));
        }
    }

    private static boolean isCommonKey(String key) {
        return List.of("Timeout", "ReservedConcurrency", "Environment", "Versions", "Aliases", "CircuitBreaker")
                .stream()
                .anyMatch(common -> common.equalsIgnoreCase(key));
    }

    private static FunctionVersion version(FunctionSettings settings, Chosen chosen) {
        Section section =
                new Section(chosen.path(), chosen.node(), chosen.parent().problems());
        InvokerProvider.InvokerFactory factory = chosen.provider().configure(settings, section);
        section.rejectUnknownKeys();
        return new FunctionVersion(settings, chosen.provider().type(), chosen.node(), factory);
    }

    private void readVersions(
            Section sections, FunctionSettings base, Chosen inherited, Map<String, FunctionVersion> versions) {
        for (String number : sections.keys()) {
            if (!VERSION.matcher(number).matches()) {
                sections.problem(number, "a version is a number, such as 1");
            }
            sections.section(number).ifPresent(section -> {
                FunctionSettings settings = new FunctionSettings(
                        base.name(),
                        number,
                        timeout(section, base.timeout()),
                        base.reservedConcurrency(),
                        environment(section, base.environment()),
                        aws);
                Chosen chosen = choose(section, false).orElse(inherited);
                section.rejectUnknownKeys();
                versions.put(number, version(settings, chosen));
            });
        }
    }

    private static void readAliases(
            Section sections, Map<String, FunctionVersion> versions, Map<String, AliasRouting> aliases) {
        for (String name : sections.keys()) {
            if (!ALIAS_NAME.matcher(name).matches()) {
                sections.problem(
                        name, "an alias has 1 to 128 letters, digits, hyphens and underscores, and is no number");
            }
            sections.section(name).ifPresent(section -> {
                String version = section.requiredString("FunctionVersion");
                if (section.has("FunctionVersion")) {
                    checkVersion(section, "FunctionVersion", version, versions);
                }
                Map<String, Double> weights = section.section("RoutingConfig")
                        .map(routing -> weights(routing, versions))
                        .orElse(Map.of());
                section.rejectUnknownKeys();
                aliases.put(name, new AliasRouting(version, weights));
            });
        }
    }

    private static void checkVersion(
            Section section, String key, String version, Map<String, FunctionVersion> versions) {
        if (!versions.containsKey(version)) {
            section.problem(
                    key, "there is no version '" + version + "'; known: " + String.join(", ", versions.keySet()));
        }
    }

    private static Map<String, Double> weights(Section routing, Map<String, FunctionVersion> versions) {
        Map<String, Double> weights = new LinkedHashMap<>();
        routing.section("AdditionalVersionWeights").ifPresent(section -> {
            for (String version : section.keys()) {
                checkVersion(section, version, version, versions);
                section.decimal(version, 0, 1).ifPresent(weight -> weights.put(version, weight));
            }
        });
        routing.rejectUnknownKeys();
        double sum = weights.values().stream().mapToDouble(Double::doubleValue).sum();
        if (sum > 1) {
            routing.problem("AdditionalVersionWeights", "the weights add up to " + sum + ", more than 1");
        }
        return weights;
    }

    private static BreakerSettings breaker(Section function) {
        BreakerSettings unset = BreakerSettings.DEFAULT;
        return function.section("CircuitBreaker")
                .map(section -> {
                    int window = section.integer("SlidingWindowSize", 1, 10_000, unset.slidingWindowSize());
                    Duration open = section.seconds("OpenSeconds", SHORTEST_OPEN, LONGEST_OPEN, unset.open());
                    BreakerSettings breaker = new BreakerSettings(
                            section.bool("Enabled", unset.enabled()),
                            section.decimal("FailureRateThreshold", 1, 100).orElse(unset.failureRateThreshold()),
                            window,
                            section.integer(
                                    "MinimumNumberOfCalls", 1, window, Math.min(window, unset.minimumNumberOfCalls())),
                            open,
                            section.seconds(
                                    "MaximumOpenSeconds", open, LONGEST_OPEN, longer(open, unset.maximumOpen())));
                    section.rejectUnknownKeys();
                    return breaker;
                })
                .orElse(unset);
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
