package dev.millrace.mapping;

import java.util.Map;
import java.util.Optional;

/**
 * An Amazon Resource Name, split into its parts.
 *
 * @param partition {@code aws}, {@code aws-cn}, ...
 * @param service {@code sqs}, {@code kinesis}, {@code dynamodb}, {@code lambda}, ...
 * @param region as written; emulators use names of their own, such as {@code elasticmq} or {@code ddblocal}
 * @param accountId twelve digits at AWS
 * @param resource everything after the fifth colon
 */
public record Arn(String partition, String service, String region, String accountId, String resource) {

    private static final String CONSUMER = "/consumer/";

    /** By the beginning of their regions' names, as in AWS's list of partitions; all others are in {@code aws}. */
    private static final Map<String, String> PARTITIONS = Map.of(
            "cn-", "aws-cn",
            "us-gov-", "aws-us-gov",
            "us-iso-", "aws-iso",
            "us-isob-", "aws-iso-b",
            "eu-isoe-", "aws-iso-e",
            "us-isof-", "aws-iso-f",
            "eusc-", "aws-eusc");

    /** Parses the text, or empty when it is no ARN. */
    public static Optional<Arn> parse(String text) {
        String[] parts = text.split(":", 6);
        if (parts.length != 6 || !"arn".equals(parts[0]) || parts[1].isEmpty() || parts[2].isEmpty()) {
            return Optional.empty();
        }
        return parts[5].isEmpty()
                ? Optional.empty()
                : Optional.of(new Arn(parts[1], parts[2], parts[3], parts[4], parts[5]));
    }

    /** The partition that a region belongs to; {@code aws} for names that are not AWS's, such as an emulator's own. */
    public static String partition(String region) {
        return PARTITIONS.entrySet().stream()
                .filter(partition -> region.startsWith(partition.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("aws");
    }

    /** The region, or this one where the ARN has none. */
    public String regionOr(String other) {
        return region.isEmpty() ? other : region;
    }

    /** The stream itself where this names one of its consumers ({@code stream/NAME/consumer/...}); otherwise this ARN. */
    public Arn ofStream() {
        int consumer = service.equals("kinesis") ? resource.indexOf(CONSUMER) : -1;
        return consumer < 0 ? this : new Arn(partition, service, region, accountId, resource.substring(0, consumer));
    }

    @Override
    public String toString() {
        return String.join(":", "arn", partition, service, region, accountId, resource);
    }
}
