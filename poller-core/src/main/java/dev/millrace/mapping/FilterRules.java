package dev.millrace.mapping;

import java.util.List;
import java.util.Optional;

/** The rules of {@code FilterCriteria} (spec 6.1, 6.2, 6.4). */
final class FilterRules {

    /** All that AWS says of an invalid pattern (spec 1.4); ours adds the reason. */
    private static final String INVALID = "Invalid filter pattern definition.";

    private final int quota;
    private final PatternCheck patterns;

    FilterRules(int quota, PatternCheck patterns) {
        this.quota = quota;
        this.patterns = patterns;
    }

    void check(MappingRequest request, EventSourceKind kind, List<MappingProblem> problems) {
        List<String> filters = request.get(MappingMember.FILTER_CRITERIA).orElse(List.of());
        if (filters.size() > quota) {
            problems.add(MappingProblem.invalid(
                    "FilterCriteria.Filters",
                    "The number of filters (" + filters.size() + ") exceeds the limit of " + quota
                            + " for an event source mapping."));
        }
        for (int i = 0; i < filters.size(); i++) {
            String member = member(i);
            Optional.of(filters.get(i))
                    .filter(pattern -> pattern.length() <= ModelLimits.MAXIMUM_PATTERN_LENGTH)
                    .flatMap(pattern -> patterns.reason(pattern, kind))
                    .map(reason -> MappingProblem.invalid(member, INVALID + " Reason: " + reason))
                    .ifPresent(problems::add);
        }
    }

    static String member(int index) {
        return "FilterCriteria.Filters[" + index + "].Pattern";
    }
}
