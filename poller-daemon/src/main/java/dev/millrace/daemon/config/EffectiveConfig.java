package dev.millrace.daemon.config;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.Section;
import dev.millrace.function.AliasRouting;
import dev.millrace.function.BreakerSettings;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.MappingOptions;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.StreamOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * Writes a configuration as YAML with its defaults, secrets masked. The sections of invokers are written as they stand,
 * since only invokers know their defaults. Without secrets the text can be loaded again.
 */
final class EffectiveConfig {

    private static final int LINE_WIDTH = 120;

    private final Secrets secrets;
    private final EffectiveAws aws;

    EffectiveConfig(Secrets secrets) {
        this.secrets = secrets;
        this.aws = new EffectiveAws(secrets);
    }

    String render(DaemonConfig config) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setWidth(LINE_WIDTH)
                .setIndicatorIndent(2)
                .setIndent(4)
                .setDereferenceAliases(true)
                .build();
        return new Dump(settings).dumpToString(root(config));
    }

    private Map<String, Object> root(DaemonConfig config) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("Region", config.aws().region());
        root.put("AccountId", config.aws().accountId());
        root.put("Aws", aws.section(config.aws()));
        root.put(
                "Api", section("Host", config.api().host(), "Port", config.api().port()));
        root.put("Shutdown", Map.of("DeadlineSeconds", seconds(config.shutdown().deadline())));
        root.put(
                "Logging",
                section(
                        "Format",
                        Section.word(config.logging().format()),
                        "Level",
                        Section.word(config.logging().level())));
        root.put(
                "Coordination",
                section(
                        "Mode",
                        Section.word(config.coordination().mode()),
                        config.coordination().factory().settings()));
        root.put(
                "Store",
                section("Type", config.store().type(), config.store().factory().settings()));
        root.put("FilterOperators", Section.word(config.filters().operators()));
        root.put(
                "Quotas",
                Map.of("FiltersPerEventSourceMapping", config.filters().quota()));
        Map<String, Object> functions = new LinkedHashMap<>();
        config.functions().forEach(function -> functions.put(function.name(), function(function)));
        root.put("Functions", functions);
        root.put(
                "EventSourceMappings",
                config.mappings().stream().map(this::mapping).toList());
        return root;
    }

    private Map<String, Object> function(FunctionConfig function) {
        FunctionVersion latest = function.latest();
        Map<String, Object> entries = version(latest);
        latest.settings().reservedConcurrency().ifPresent(limit -> entries.put("ReservedConcurrency", limit));
        entries.put("CircuitBreaker", breaker(function.breaker()));
        Map<String, Object> versions = new LinkedHashMap<>();
        function.versions().forEach((number, version) -> {
            if (!number.equals(FunctionSettings.LATEST)) {
                versions.put(number, version(version));
            }
        });
        putUnlessEmpty(entries, "Versions", versions);
        Map<String, Object> aliases = new LinkedHashMap<>();
        function.aliases().forEach((name, alias) -> aliases.put(name, alias(alias)));
        putUnlessEmpty(entries, "Aliases", aliases);
        return entries;
    }

    private Map<String, Object> version(FunctionVersion version) {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("Timeout", seconds(version.settings().timeout()));
        Map<String, Object> variables = new LinkedHashMap<>();
        version.settings().environment().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> variables.put(entry.getKey(), secrets.mask(entry.getKey(), entry.getValue())));
        if (!variables.isEmpty()) {
            entries.put("Environment", Map.of("Variables", variables));
        }
        entries.put(version.invokerType(), plain(version.invokerType(), version.invokerSection()));
        return entries;
    }

    private Object plain(String key, ConfigNode node) {
        return switch (node) {
            case ConfigNode.Scalar scalar -> secrets.mask(key, scalar.text());
            case ConfigNode.Sequence list ->
                list.items().stream().map(item -> plain(key, item)).toList();
            case ConfigNode.Mapping mapping -> {
                Map<String, Object> entries = new LinkedHashMap<>();
                mapping.entries().forEach((name, value) -> entries.put(name, plain(name, value)));
                yield entries;
            }
        };
    }

    private static Map<String, Object> breaker(BreakerSettings breaker) {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("Enabled", breaker.enabled());
        entries.put("FailureRateThreshold", breaker.failureRateThreshold());
        entries.put("SlidingWindowSize", breaker.slidingWindowSize());
        entries.put("MinimumNumberOfCalls", breaker.minimumNumberOfCalls());
        entries.put("OpenSeconds", seconds(breaker.open()));
        entries.put("MaximumOpenSeconds", seconds(breaker.maximumOpen()));
        return entries;
    }

    private static Map<String, Object> alias(AliasRouting alias) {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("FunctionVersion", alias.version());
        if (!alias.additionalWeights().isEmpty()) {
            entries.put("RoutingConfig", Map.of("AdditionalVersionWeights", alias.additionalWeights()));
        }
        return entries;
    }

    /** A mapping's members with their defaults. */
    Map<String, Object> mapping(EventSourceMapping mapping) {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("UUID", mapping.uuid().toString());
        entries.put("EventSourceArn", mapping.eventSourceArn().toString());
        entries.put("FunctionName", mapping.function().text());
        entries.put("Enabled", mapping.enabled());
        entries.put("BatchSize", mapping.batchSize());
        entries.put("MaximumBatchingWindowInSeconds", seconds(mapping.maximumBatchingWindow()));
        List<Object> filters = new ArrayList<>();
        mapping.filterPatterns().forEach(pattern -> filters.add(Map.of("Pattern", pattern)));
        if (!filters.isEmpty()) {
            entries.put("FilterCriteria", Map.of("Filters", filters));
        }
        entries.put(
                "FunctionResponseTypes",
                mapping.reportBatchItemFailures() ? List.of("ReportBatchItemFailures") : List.of());
        switch (mapping.source()) {
            case QueueMembers queue -> putQueue(queue, entries);
            case StreamMembers stream -> putStream(stream, entries);
        }
        if (!mapping.metrics().isEmpty()) {
            entries.put(
                    "MetricsConfig",
                    Map.of("Metrics", mapping.metrics().stream().sorted().toList()));
        }
        String kmsKeyArn = mapping.kmsKeyArn();
        if (kmsKeyArn != null) {
            entries.put("KmsKeyArn", kmsKeyArn);
        }
        putUnlessEmpty(entries, "Tags", new LinkedHashMap<>(mapping.tags()));
        entries.put("Millrace", options(mapping.options(), mapping.kind().isQueue()));
        return entries;
    }

    private static void putQueue(QueueMembers queue, Map<String, Object> entries) {
        queue.maximumConcurrency()
                .ifPresent(limit -> entries.put("ScalingConfig", Map.of("MaximumConcurrency", limit)));
        Map<String, Object> pollers = new LinkedHashMap<>();
        putIfPresent(pollers, "MinimumPollers", queue.minimumPollers());
        putIfPresent(pollers, "MaximumPollers", queue.maximumPollers());
        putUnlessEmpty(entries, "ProvisionedPollerConfig", pollers);
    }

    private void putStream(StreamMembers stream, Map<String, Object> entries) {
        entries.put("StartingPosition", stream.startingPosition().name());
        if (stream.startingPositionTimestamp() != null) {
            entries.put(
                    "StartingPositionTimestamp",
                    stream.startingPositionTimestamp().toString());
        }
        entries.put("ParallelizationFactor", stream.parallelizationFactor());
        entries.put("MaximumRetryAttempts", stream.maximumRetryAttempts());
        entries.put(
                "MaximumRecordAgeInSeconds",
                stream.maximumRecordAge().isZero() ? -1 : seconds(stream.maximumRecordAge()));
        entries.put("BisectBatchOnFunctionError", stream.bisectBatchOnFunctionError());
        entries.put("TumblingWindowInSeconds", seconds(stream.tumblingWindow()));
        if (stream.onFailureDestination() != null) {
            String destination = secrets.mask("Destination", stream.onFailureDestination());
            entries.put("DestinationConfig", Map.of("OnFailure", Map.of("Destination", destination)));
        }
    }

    private Map<String, Object> options(MappingOptions options, boolean queue) {
        Map<String, Object> entries = new LinkedHashMap<>();
        if (options.maximumBytesInFlight() > 0) {
            entries.put("MaximumBytesInFlight", options.maximumBytesInFlight());
        }
        putUnlessEmpty(entries, "Aws", aws.section(options.aws()));
        if (queue) {
            putOptions(options.queue(), entries);
        } else {
            putOptions(options.stream(), entries);
        }
        return entries;
    }

    private static void putOptions(QueueOptions options, Map<String, Object> entries) {
        MappingOptions.Heartbeat heartbeat = options.heartbeat();
        if (heartbeat != null) {
            entries.put("Heartbeat", Map.of("MaximumSeconds", seconds(heartbeat.maximum())));
        }
        MappingOptions.RetryBackoff backoff = options.retryBackoff();
        if (backoff != null) {
            Map<String, Object> section = section("BaseSeconds", seconds(backoff.base()), "Factor", backoff.factor());
            section.put("MaximumSeconds", seconds(backoff.maximum()));
            entries.put("RetryBackoff", section);
        }
        entries.put("ReleaseOnShutdown", options.releaseOnShutdown());
        Map<String, Object> scaling = new LinkedHashMap<>();
        scaling.put("GrowthPreset", Section.word(options.growth()));
        putIfPresent(scaling, "GrowthPerMinute", options.growthPerMinute());
        entries.put("Scaling", scaling);
        entries.put("WaitTimeSeconds", seconds(options.waitTime()));
    }

    private static void putOptions(StreamOptions options, Map<String, Object> entries) {
        entries.put(
                "Retry",
                section(
                        "BaseMilliseconds",
                        options.retry().base().toMillis(),
                        "MaximumSeconds",
                        seconds(options.retry().maximum())));
        if (options.pollInterval() != null) {
            entries.put("PollIntervalMilliseconds", options.pollInterval().toMillis());
        }
        entries.put(
                "OnFailure",
                section(
                        "DeliverySeconds",
                        seconds(options.onFailure().delivery()),
                        "WhenUndeliverable",
                        Section.word(options.onFailure().whenUndeliverable())));
        entries.put("IncludePayload", options.includePayload());
        if (options.deaggregate()) {
            // Refused where it does not apply, whatever its value.
            entries.put("Deaggregate", true);
        }
        putIfPresent(entries, "MaximumRecordsInFlight", options.maximumRecordsInFlight());
    }

    private static Map<String, Object> section(String firstKey, Object first, String secondKey, Object second) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put(firstKey, first);
        section.put(secondKey, second);
        return section;
    }

    private static Map<String, Object> section(String firstKey, Object first, Map<String, Object> rest) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put(firstKey, first);
        section.putAll(rest);
        return section;
    }

    private static void putIfPresent(Map<String, Object> entries, String key, OptionalInt value) {
        value.ifPresent(number -> entries.put(key, number));
    }

    private static void putUnlessEmpty(Map<String, Object> entries, String key, Map<String, Object> section) {
        if (!section.isEmpty()) {
            entries.put(key, section);
        }
    }

    /** Whole seconds without a fraction. */
    private static Object seconds(Duration duration) {
        return duration.toMillisPart() == 0 ? (Object) duration.toSeconds() : (Object) (duration.toMillis() / 1000.0);
    }
}
