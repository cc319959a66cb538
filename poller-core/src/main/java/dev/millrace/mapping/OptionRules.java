package dev.millrace.mapping;

import java.util.List;
import java.util.OptionalInt;

/** The rules of our own options, below the key {@code Millrace}. */
final class OptionRules {

    private OptionRules() {}

    static void check(MappingRequest request, EventSourceKind kind, List<MappingProblem> problems) {
        request.get(MappingMember.OPTIONS).ifPresent(options -> {
            options.given().stream()
                    .filter(option -> !option.appliesTo(kind))
                    .sorted()
                    .forEach(option -> problems.add(MappingProblem.invalid(
                            path(option.key()),
                            "The option " + option.key() + " applies to " + option.services()
                                    + " event sources only.")));
            if (kind.isStream()) {
                checkRecords(request, options.values().stream().maximumRecordsInFlight(), problems);
            }
        });
    }

    /** With fewer records than a batch takes no batch could ever be full. */
    private static void checkRecords(MappingRequest request, OptionalInt records, List<MappingProblem> problems) {
        int batchSize = request.get(MappingMember.BATCH_SIZE).orElse(MappingRules.STREAM_BATCH_SIZE);
        if (records.isPresent() && records.getAsInt() < batchSize) {
            problems.add(MappingProblem.invalid(
                    path(MappingOption.MAXIMUM_RECORDS_IN_FLIGHT.key()),
                    "MaximumRecordsInFlight must be greater than or equal to BatchSize (" + batchSize + ")."));
        }
    }

    private static String path(String key) {
        return MappingMember.OPTIONS.awsName() + "." + key;
    }
}
