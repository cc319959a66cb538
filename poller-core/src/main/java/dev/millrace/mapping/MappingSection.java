package dev.millrace.mapping;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.Section;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A mapping as a section of a configuration, a template or a request body: reads its members by CloudFormation's names and
 * finds the place of a problem again. Wrong types and unknown keys become problems of the section; limits and
 * combinations are {@link MappingRules}' matter. Not thread-safe.
 */
public final class MappingSection {

    private static final String FILE = "file:";

    /** Takes the place of a pattern that has been reported, so that the rules do not and the others keep their numbers. */
    private static final String REPORTED_PATTERN = "{\"eventSource\":[\"\"]}";

    private final Section section;
    private final MappingRequest.Builder request = MappingRequest.builder();

    public MappingSection(Section section) {
        this.section = section;
    }

    /** Reads everything. Call it once. */
    public MappingRequest request() {
        text(MappingMember.UUID);
        text(MappingMember.EVENT_SOURCE_ARN);
        text(MappingMember.FUNCTION_NAME);
        bool(MappingMember.ENABLED);
        number(MappingMember.BATCH_SIZE);
        number(MappingMember.MAXIMUM_BATCHING_WINDOW);
        readFilterCriteria();
        list(MappingMember.FUNCTION_RESPONSE_TYPES);
        readMetrics();
        readKmsKey();
        readTags();
        readPollers();
        text(MappingMember.STARTING_POSITION);
        readTimestamp();
        number(MappingMember.PARALLELIZATION_FACTOR);
        number(MappingMember.MAXIMUM_RETRY_ATTEMPTS);
        number(MappingMember.MAXIMUM_RECORD_AGE);
        bool(MappingMember.BISECT_BATCH);
        number(MappingMember.TUMBLING_WINDOW);
        readDestinations();
        for (MappingMember<Boolean> foreign : MappingMember.OF_OTHER_KINDS) {
            if (section.has(foreign.awsName())) {
                request.set(foreign, true);
            }
        }
        section.section(MappingMember.OPTIONS.awsName())
                .ifPresent(options -> request.set(MappingMember.OPTIONS, OptionsSection.read(options)));
        section.rejectUnknownKeys();
        return request.build();
    }

    /** Adds a finding of the rules to the section's problems, at the place of its member. */
    public void report(MappingProblem problem) {
        section.problems()
                .add(
                        section.positionAt(problem.member()),
                        section.path().isEmpty() ? problem.member() : section.path() + "." + problem.member(),
                        problem.explained());
    }

    private void text(MappingMember<String> member) {
        section.string(member.awsName()).ifPresent(value -> request.set(member, value.strip()));
    }

    private void bool(MappingMember<Boolean> member) {
        section.bool(member.awsName()).ifPresent(value -> request.set(member, value));
    }

    private void number(MappingMember<Integer> member) {
        section.integer(member.awsName()).ifPresent(value -> request.set(member, value));
    }

    private void list(MappingMember<List<String>> member) {
        if (section.has(member.awsName())) {
            request.set(member, section.strings(member.awsName()));
        }
    }

    private void readFilterCriteria() {
        section.section(MappingMember.FILTER_CRITERIA.awsName()).ifPresent(criteria -> {
            List<String> patterns = new ArrayList<>();
            for (Section filter : criteria.sections("Filters")) {
                patterns.add(pattern(filter));
                filter.rejectUnknownKeys();
            }
            criteria.rejectUnknownKeys();
            request.set(MappingMember.FILTER_CRITERIA, patterns);
        });
    }

    private static String pattern(Section filter) {
        Optional<String> text = filter.node("Pattern").flatMap(node -> switch (node) {
            case ConfigNode.Scalar scalar -> Optional.of(scalar.text());
            case ConfigNode.Sequence _, ConfigNode.Mapping _ -> Optional.empty();
        });
        if (text.isEmpty()) {
            filter.problem(
                    "Pattern",
                    (filter.has("Pattern") ? "must be text" : "is required")
                            + "; write JSON in quotes, such as '{\"body\": {\"kind\": [\"order\"]}}'");
        }
        return text.orElse(REPORTED_PATTERN);
    }

    private void readMetrics() {
        section.section(MappingMember.METRICS_CONFIG.awsName()).ifPresent(metrics -> {
            request.set(MappingMember.METRICS_CONFIG, metrics.strings("Metrics"));
            metrics.rejectUnknownKeys();
        });
    }

    /** CloudFormation writes KmsKeyArn, the API writes KMSKeyArn. */
    private void readKmsKey() {
        section.string(MappingMember.KMS_KEY_ARN.awsName())
                .or(() -> section.string("KMSKeyArn"))
                .ifPresent(arn -> request.set(MappingMember.KMS_KEY_ARN, arn.strip()));
    }

    /** CloudFormation writes a list of Key and Value, the API a map. */
    private void readTags() {
        String name = MappingMember.TAGS.awsName();
        Optional<ConfigNode> node = section.node(name);
        if (node.isEmpty()) {
            return;
        }
        Map<String, String> tags = new LinkedHashMap<>();
        if (node.get() instanceof ConfigNode.Sequence) {
            for (Section tag : section.sections(name)) {
                tags.put(tag.requiredString("Key"), tag.requiredString("Value"));
                tag.rejectUnknownKeys();
            }
        } else {
            tags.putAll(section.stringMap(name));
        }
        request.set(MappingMember.TAGS, tags);
    }

    private void readPollers() {
        section.section(MappingMember.SCALING_CONFIG.awsName()).ifPresent(scaling -> {
            request.set(
                    MappingMember.SCALING_CONFIG, new MappingRequest.Scaling(scaling.integer("MaximumConcurrency")));
            scaling.rejectUnknownKeys();
        });
        section.section(MappingMember.PROVISIONED_POLLER_CONFIG.awsName()).ifPresent(pollers -> {
            request.set(
                    MappingMember.PROVISIONED_POLLER_CONFIG,
                    new MappingRequest.ProvisionedPollers(
                            pollers.integer("MinimumPollers"),
                            pollers.integer("MaximumPollers"),
                            pollers.has("PollerGroupName")));
            pollers.rejectUnknownKeys();
        });
    }

    /** Epoch seconds as in CloudFormation and the API, or ISO 8601 with an offset. */
    private void readTimestamp() {
        String name = MappingMember.STARTING_POSITION_TIMESTAMP.awsName();
        section.string(name)
                .ifPresent(text -> timestamp(text.strip())
                        .ifPresentOrElse(
                                instant -> request.set(MappingMember.STARTING_POSITION_TIMESTAMP, instant),
                                () -> section.problem(
                                        name,
                                        "'" + text
                                                + "' is neither seconds since 1970 nor a time such as"
                                                + " 2026-01-31T08:00:00Z")));
    }

    private static Optional<Instant> timestamp(String text) {
        try {
            return Optional.of(
                    Character.isDigit(text.isEmpty() ? ' ' : text.charAt(0)) && text.indexOf('T') < 0
                            ? Instant.ofEpochMilli(
                                    new BigDecimal(text).movePointRight(3).longValue())
                            : OffsetDateTime.parse(text).toInstant());
        } catch (NumberFormatException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private void readDestinations() {
        section.section(MappingMember.DESTINATION_CONFIG.awsName()).ifPresent(config -> {
            Optional<Section> onFailure = config.section("OnFailure");
            Optional<String> destination = onFailure.flatMap(MappingSection::destination);
            // SAM adds the kind of destination; the ARN says it as well.
            onFailure.ifPresent(section -> section.string("Type"));
            onFailure.ifPresent(Section::rejectUnknownKeys);
            request.set(
                    MappingMember.DESTINATION_CONFIG,
                    new MappingRequest.Destinations(destination.orElse(null), config.has("OnSuccess")));
            config.rejectUnknownKeys();
        });
    }

    /** A file's path counts from the folder of the configuration, as every path does. */
    private static Optional<String> destination(Section onFailure) {
        return onFailure.string("Destination").map(String::strip).map(text -> {
            if (!text.startsWith(FILE) || text.startsWith(FILE + "/") || text.equals(FILE)) {
                return text;
            }
            try {
                Path folder = onFailure.positionOf("Destination").directory();
                return FILE + folder.resolve(text.substring(FILE.length()).strip());
            } catch (InvalidPathException e) {
                return text; // Whoever delivers there says what is wrong with it.
            }
        });
    }
}
