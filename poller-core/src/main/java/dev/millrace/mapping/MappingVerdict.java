package dev.millrace.mapping;

import java.util.List;

/** The answer of {@link MappingRules} to a request. */
public sealed interface MappingVerdict {

    /** Every rule is met; defaults are filled in. */
    record Accepted(EventSourceMapping mapping) implements MappingVerdict {}

    /**
     * At least one rule is broken.
     *
     * @param problems all of them, in the order in which AWS checks: limits of the model first
     */
    record Rejected(List<MappingProblem> problems) implements MappingVerdict {
        public Rejected {
            problems = List.copyOf(problems);
        }
    }
}
