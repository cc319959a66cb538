package dev.millrace.mapping;

import java.util.List;

/** The rules of our own options, below the key {@code Millrace}. */
final class OptionRules {

    private OptionRules() {}

    static void check(MappingRequest request, EventSourceKind kind, List<MappingProblem> problems) {
        request.get(MappingMember.OPTIONS).filter(_ -> kind.isStream()).ifPresent(options -> {
            MappingOptions unset = MappingOptions.DEFAULT;
            refuse(options.heartbeat() != null, "Heartbeat", problems);
            refuse(options.retryBackoff() != null, "RetryBackoff", problems);
            refuse(options.releaseOnShutdown(), "ReleaseOnShutdown", problems);
            refuse(
                    options.growth() != unset.growth()
                            || options.growthPerMinute().isPresent(),
                    "Scaling",
                    problems);
            refuse(!options.waitTime().equals(unset.waitTime()), "WaitTimeSeconds", problems);
        });
    }

    private static void refuse(boolean set, String name, List<MappingProblem> problems) {
        if (set) {
            problems.add(MappingProblem.invalid(
                    "Millrace." + name, "The option " + name + " applies to SQS event sources only."));
        }
    }
}
