package dev.millrace.daemon.config;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.NearestMatch;
import dev.millrace.config.Section;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.FunctionReference;
import dev.millrace.mapping.MappingMember;
import dev.millrace.mapping.MappingProblem;
import dev.millrace.mapping.MappingRequest;
import dev.millrace.mapping.MappingRules;
import dev.millrace.mapping.MappingSection;
import dev.millrace.mapping.MappingVerdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** Reads event source mappings from wherever they are written, one section at a time. Not thread-safe. */
final class MappingReader {

    /** More names than this do not help in a message. */
    private static final int MAXIMUM_LISTED = 10;

    private final MappingRules rules;
    private final Instant now;
    private final AwsSettings aws;
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
            MappingRules rules, Instant now, AwsSettings aws, List<FunctionConfig> functions, Set<String> declared) {
        this.rules = rules;
        this.now = now;
        this.aws = aws;
        this.declared = Set.copyOf(declared);
        functions.forEach(function -> this.functions.put(function.name(), function));
    }

    /** Every mapping read so far that broke no rule. */
    List<EventSourceMapping> mappings() {
        return mappings;
    }

    void read(Section section) {
        MappingSection reader = new MappingSection(section);
        MappingRequest request = reader.request();
        request.get(MappingMember.FUNCTION_NAME)
                .flatMap(text -> FunctionReference.parse(text, aws))
                .flatMap(this::missing)
                .ifPresent(reader::report);
        switch (rules.check(request, now)) {
            case MappingVerdict.Rejected rejected -> rejected.problems().forEach(reader::report);
            case MappingVerdict.Accepted accepted ->
                conflict(accepted.mapping()).ifPresentOrElse(reader::report, () -> mappings.add(accepted.mapping()));
        }
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

    private Optional<MappingProblem> conflict(EventSourceMapping candidate) {
        Optional<MappingProblem> duplicate = MappingRules.duplicate(candidate, mappings);
        return duplicate.isPresent() ? duplicate : sameIdentity(candidate);
    }

    private Optional<MappingProblem> sameIdentity(EventSourceMapping candidate) {
        UUID uuid = candidate.uuid();
        return mappings.stream()
                .filter(other -> other.uuid().equals(uuid))
                .findFirst()
                .map(other -> new MappingProblem(
                        409,
                        "ResourceConflictException",
                        MappingMember.UUID.awsName(),
                        "The UUID " + uuid + " already belongs to the mapping of " + other.eventSourceArn() + " and "
                                + other.function()));
    }
}
