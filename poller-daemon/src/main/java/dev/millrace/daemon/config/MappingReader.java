package dev.millrace.daemon.config;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.ConfigNode;
import dev.millrace.config.NearestMatch;
import dev.millrace.config.Section;
import dev.millrace.daemon.template.Intrinsics;
import dev.millrace.failure.DestinationProvider;
import dev.millrace.filter.DataKey;
import dev.millrace.filter.RecordFilter;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceKind;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingMember;
import dev.millrace.mapping.MappingProblem;
import dev.millrace.mapping.MappingRequest;
import dev.millrace.mapping.MappingRules;
import dev.millrace.mapping.MappingSection;
import dev.millrace.mapping.MappingVerdict;
import dev.millrace.mapping.VisibilityNeed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads event source mappings from wherever they are written, one section at a time. Not thread-safe. */
final class MappingReader {

    /** More names than this do not help in a message. */
    private static final int MAXIMUM_LISTED = 10;

    private final MappingRules rules;
    private final Plugins plugins;
    private final Instant now;
    private final Set<String> declared;
    private final Map<String, FunctionConfig> functions = new LinkedHashMap<>();
    private final List<EventSourceMapping> mappings = new ArrayList<>();

    /**
     * A reader with no mappings yet.
     *
     * @param functions those that could be read
     * @param declared names of all functions, also of those that have problems of their own
     */
    MappingReader(
            MappingRules rules, Plugins plugins, Instant now, List<FunctionConfig> functions, Set<String> declared) {
        this.rules = rules;
        this.plugins = plugins;
        this.now = now;
        this.declared = Set.copyOf(declared);
        functions.forEach(function -> this.functions.put(function.name(), function));
    }

    /** What AWS checks when a mapping is created, with our quotas and filter operators. */
    static MappingRules rules(FilterSettings filters, AwsSettings aws) {
        return new MappingRules(
                filters.quota(),
                (pattern, kind) -> RecordFilter.reason(pattern, DataKey.of(kind), filters.operators()),
                aws);
    }

    /** Every mapping read so far that broke no rule. */
    List<EventSourceMapping> mappings() {
        return mappings;
    }

    /** Reads the list {@code EventSourceMappings}. */
    void readAll(Section root, Intrinsics intrinsics) {
        List<ConfigNode> items = root.items("EventSourceMappings");
        for (int i = 0; i < items.size(); i++) {
            String path = root.pathOf("EventSourceMappings") + "[" + i + "]";
            if (items.get(i) instanceof ConfigNode.Mapping mapping) {
                read(new Section(path, intrinsics.resolveSection(mapping, path), root.problems()));
            } else {
                root.problems()
                        .add(
                                items.get(i).position(),
                                path,
                                "expected a mapping's keys and values, found "
                                        + items.get(i).described());
            }
        }
    }

    /** Reads one more mapping; empty when it broke a rule. */
    Optional<EventSourceMapping> read(Section section) {
        MappingSection reader = new MappingSection(section);
        MappingRequest request = reader.request();
        request.get(MappingMember.FUNCTION_NAME)
                .flatMap(rules::function)
                .flatMap(this::missing)
                .ifPresent(reader::report);
        request.get(MappingMember.EVENT_SOURCE_ARN)
                .filter(_ -> request.get(MappingMember.ENABLED).orElse(true))
                .flatMap(Arn::parse)
                .flatMap(this::notServed)
                .ifPresent(message -> section.problem(MappingMember.EVENT_SOURCE_ARN.awsName(), message));
        return switch (rules.check(request, now)) {
            case MappingVerdict.Rejected rejected -> {
                rejected.problems().forEach(reader::report);
                yield Optional.empty();
            }
            case MappingVerdict.Accepted(var mapping) -> {
                undeliverable(mapping).map(MappingProblem::destination).ifPresent(reader::report);
                Optional<MappingProblem> conflict = MappingRules.conflict(mapping, mappings);
                conflict.ifPresentOrElse(reader::report, () -> mappings.add(mapping));
                yield conflict.isPresent() ? Optional.empty() : Optional.of(mapping);
            }
        };
    }

    /** What is wrong with the visibility timeout of the mapping's queue, where it is known without asking the queue. */
    Optional<String> visibilityProblem(EventSourceMapping mapping, Duration visibilityTimeout) {
        FunctionConfig function = functions.get(mapping.function().name());
        if (function == null) {
            return Optional.empty();
        }
        Duration timeout = function.timeout(mapping.function().qualifier());
        boolean heartbeat = mapping.options().queue().heartbeat() != null;
        return MappingRules.visibilityTimeoutTooShort(visibilityTimeout, timeout)
                .filter(_ -> !heartbeat)
                .map(problem -> problem.message() + "; the mapping will not start with such a queue")
                .or(() -> new VisibilityNeed(mapping.maximumBatchingWindow(), timeout, heartbeat)
                        .problem(visibilityTimeout));
    }

    /** Functions are told apart by name and qualifier: a pasted ARN may name an account that is not ours. */
    private Optional<MappingProblem> missing(FunctionReference reference) {
        FunctionConfig function = functions.get(reference.name());
        if (function == null && declared.contains(reference.name())) {
            return Optional.empty(); // The function's own problem is reported where it stands.
        }
        if (function == null) {
            String hint = NearestMatch.of(reference.name(), declared)
                    .map(match -> "did you mean '" + match + "'?")
                    .orElseGet(this::knownFunctions);
            return Optional.of(missing("no function '" + reference.name() + "' below Functions; " + hint));
        }
        if (function.hasQualifier(reference.qualifier())) {
            return Optional.empty();
        }
        List<String> known = new ArrayList<>(function.versions().keySet());
        known.addAll(function.aliases().keySet());
        return Optional.of(missing("'" + reference.name() + "' has no version or alias '" + reference.qualifier()
                + "'; known: " + String.join(", ", known)));
    }

    private String knownFunctions() {
        String add = "add it there, with an invoker that says how to call it";
        return declared.isEmpty() || declared.size() > MAXIMUM_LISTED
                ? add
                : add + ", or name one of: " + String.join(", ", new TreeSet<>(declared));
    }

    private static MappingProblem missing(String detail) {
        MappingProblem problem = MappingProblem.functionMissing();
        return new MappingProblem(
                problem.httpStatus(), problem.code(), problem.member(), problem.message() + ": " + detail);
    }

    /** A kind that AWS has and no plug-in polls; what is no such kind at all is the rules' matter. */
    private Optional<String> notServed(Arn arn) {
        return EventSourceKind.of(arn)
                .filter(_ -> plugins.source(arn).isEmpty())
                .map(kind -> "no poller for " + plural(kind) + " is installed, so nothing would poll " + arn
                        + "; put a jar that has one on the class path, or set Enabled: false");
    }

    /** Why nobody could be told of the mapping's discards; empty when somebody can, or need not. */
    private Optional<String> undeliverable(EventSourceMapping mapping) {
        if (!(mapping.source() instanceof StreamMembers members) || members.onFailureDestination() == null) {
            return Optional.empty();
        }
        String destination = members.onFailureDestination();
        Optional<DestinationProvider> provider = plugins.destination(destination);
        if (provider.isEmpty() && mapping.enabled()) {
            return Optional.of("nothing that delivers to '" + destination
                    + "' is installed; put a jar that does on the class path, or choose another destination");
        }
        return provider.flatMap(one -> one.problem(destination));
    }

    private static String plural(EventSourceKind kind) {
        return switch (kind) {
            case SQS_STANDARD, SQS_FIFO -> "SQS queues";
            case KINESIS -> "Kinesis streams";
            case DYNAMODB_STREAMS -> "DynamoDB streams";
        };
    }
}
