package dev.millrace.mapping;

import java.util.List;
import java.util.function.BiPredicate;

/** The rules of {@code FilterCriteria} (spec 6.1, 6.2, 6.4). */
final class FilterRules {

    private final int quota;
    private final BiPredicate<String, EventSourceKind> patternIsValid;

    FilterRules(int quota, BiPredicate<String, EventSourceKind> patternIsValid) {
        this.quota = quota;
        this.patternIsValid = patternIsValid;
    }

    void check(MappingRequest request, EventSourceKind kind, List<MappingProblem> problems) {
        List<String> patterns = request.get(MappingMember.FILTER_CRITERIA).orElse(List.of());
        if (patterns.size() > quota) {
            problems.add(MappingProblem.invalid(
                    "FilterCriteria.Filters",
                    "The number of filters (" + patterns.size() + ") exceeds the limit of " + quota
                            + " for an event source mapping."));
        }
        for (int i = 0; i < patterns.size(); i++) {
            String pattern = patterns.get(i);
            boolean fits = pattern.length() <= ModelLimits.MAXIMUM_PATTERN_LENGTH;
            if (fits && !patternIsValid.test(pattern, kind)) {
                problems.add(MappingProblem.invalid(member(i), "Invalid filter pattern definition."));
            }
        }
    }

    static String member(int index) {
        return "FilterCriteria.Filters[" + index + "].Pattern";
    }
}
