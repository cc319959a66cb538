package dev.millrace.mapping;

import dev.millrace.config.AwsOverride;
import dev.millrace.config.AwsSection;
import dev.millrace.config.Section;
import dev.millrace.mapping.MappingOptions.GrowthPreset;
import dev.millrace.mapping.MappingOptions.Heartbeat;
import dev.millrace.mapping.MappingOptions.OnFailure;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.Retry;
import dev.millrace.mapping.MappingOptions.RetryBackoff;
import dev.millrace.mapping.MappingOptions.StreamOptions;
import dev.millrace.mapping.MappingOptions.WhenUndeliverable;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code Millrace} of a mapping. Which options apply to its source is {@link OptionRules}' matter. */
final class OptionsSection {

    /** SQS hides a message for 12 h at most. */
    private static final Duration VISIBILITY_LIMIT = Duration.ofHours(12);

    private static final Duration DEFAULT_BACKOFF_BASE = Duration.ofSeconds(1);
    private static final double DEFAULT_BACKOFF_FACTOR = 2;
    private static final double MAXIMUM_BACKOFF_FACTOR = 100;
    private static final Duration DEFAULT_BACKOFF_MAXIMUM = Duration.ofMinutes(15);
    private static final int MAXIMUM_GROWTH_PER_MINUTE = 100_000;
    /** Bounds of the bytes a mapping may hold: one full payload to 1 GiB. */
    private static final int MINIMUM_BYTES_IN_FLIGHT = 6_291_456;

    private static final int MAXIMUM_BYTES_IN_FLIGHT = 1 << 30;

    /** Below this a failing function would be called without any pause. */
    private static final int LEAST_RETRY_BASE_MS = 10;

    private static final int LARGEST_RETRY_BASE_MS = 60_000;
    private static final Duration LONGEST_RETRY = Duration.ofHours(1);
    /** Kinesis takes 5 reads a second of one shard (spec 3.1). */
    private static final int SHORTEST_POLL_MS = 200;

    private static final int LONGEST_POLL_MS = 60_000;
    /** As long as AWS's longest MaximumRecordAgeInSeconds. */
    private static final Duration LONGEST_DELIVERY = Duration.ofDays(7);

    private static final int MAXIMUM_RECORDS_IN_FLIGHT = 1_000_000;

    private final Section section;

    private OptionsSection(Section section) {
        this.section = section;
    }

    static MappingRequest.Options read(Section section) {
        OptionsSection options = new OptionsSection(section);
        MappingOptions values = new MappingOptions(
                options.queue(),
                options.stream(),
                options.integer(MappingOption.MAXIMUM_BYTES_IN_FLIGHT, MINIMUM_BYTES_IN_FLIGHT, MAXIMUM_BYTES_IN_FLIGHT)
                        .orElse(0),
                options.part(MappingOption.AWS).map(AwsSection::override).orElse(AwsOverride.NONE));
        section.rejectUnknownKeys();
        return new MappingRequest.Options(options.given(), values);
    }

    private Set<MappingOption> given() {
        Set<MappingOption> given = EnumSet.noneOf(MappingOption.class);
        for (MappingOption option : MappingOption.values()) {
            if (section.has(option.key())) {
                given.add(option);
            }
        }
        return given;
    }

    private QueueOptions queue() {
        QueueOptions unset = QueueOptions.DEFAULT;
        Optional<Section> scaling = part(MappingOption.SCALING);
        QueueOptions read = new QueueOptions(
                part(MappingOption.HEARTBEAT).map(OptionsSection::heartbeat).orElse(null),
                part(MappingOption.RETRY_BACKOFF)
                        .map(OptionsSection::retryBackoff)
                        .orElse(null),
                section.bool(MappingOption.RELEASE_ON_SHUTDOWN.key(), unset.releaseOnShutdown()),
                scaling.map(growth -> growth.choice("GrowthPreset", GrowthPreset.class, unset.growth()))
                        .orElse(unset.growth()),
                scaling.map(growth -> growth.integer("GrowthPerMinute", 1, MAXIMUM_GROWTH_PER_MINUTE))
                        .orElseGet(OptionalInt::empty),
                Duration.ofSeconds(integer(MappingOption.WAIT_TIME, 1, 20)
                        .orElse((int) unset.waitTime().toSeconds())));
        scaling.ifPresent(Section::rejectUnknownKeys);
        return read;
    }

    private static Heartbeat heartbeat(Section section) {
        Duration maximum = section.seconds("MaximumSeconds", Duration.ofSeconds(1), VISIBILITY_LIMIT, VISIBILITY_LIMIT);
        section.rejectUnknownKeys();
        return new Heartbeat(maximum);
    }

    private static RetryBackoff retryBackoff(Section section) {
        Duration base = section.seconds("BaseSeconds", Duration.ZERO, VISIBILITY_LIMIT, DEFAULT_BACKOFF_BASE);
        double factor = section.decimal("Factor", 1, MAXIMUM_BACKOFF_FACTOR).orElse(DEFAULT_BACKOFF_FACTOR);
        Duration maximum = section.seconds("MaximumSeconds", Duration.ZERO, VISIBILITY_LIMIT, DEFAULT_BACKOFF_MAXIMUM);
        if (maximum.compareTo(base) < 0) {
            section.problem("MaximumSeconds", "is less than BaseSeconds (" + base.toSeconds() + ")");
        }
        section.rejectUnknownKeys();
        return new RetryBackoff(base, factor, maximum);
    }

    private StreamOptions stream() {
        StreamOptions unset = StreamOptions.DEFAULT;
        return new StreamOptions(
                part(MappingOption.RETRY).map(OptionsSection::retry).orElse(unset.retry()),
                pollInterval(),
                part(MappingOption.ON_FAILURE).map(OptionsSection::onFailure).orElse(unset.onFailure()),
                section.bool(MappingOption.INCLUDE_PAYLOAD.key(), unset.includePayload()),
                section.bool(MappingOption.DEAGGREGATE.key(), unset.deaggregate()),
                integer(MappingOption.MAXIMUM_RECORDS_IN_FLIGHT, 1, MAXIMUM_RECORDS_IN_FLIGHT));
    }

    private static Retry retry(Section section) {
        Duration base =
                Duration.ofMillis(section.integer("BaseMilliseconds", LEAST_RETRY_BASE_MS, LARGEST_RETRY_BASE_MS, (int)
                        Retry.DEFAULT.base().toMillis()));
        Duration maximum = section.seconds(
                "MaximumSeconds", Duration.ofMillis(LEAST_RETRY_BASE_MS), LONGEST_RETRY, Retry.DEFAULT.maximum());
        if (maximum.compareTo(base) < 0) {
            section.problem("MaximumSeconds", "is less than BaseMilliseconds (" + base.toMillis() + ")");
        }
        section.rejectUnknownKeys();
        return new Retry(base, maximum);
    }

    private @Nullable Duration pollInterval() {
        OptionalInt milliseconds = integer(MappingOption.POLL_INTERVAL, SHORTEST_POLL_MS, LONGEST_POLL_MS);
        return milliseconds.isPresent() ? Duration.ofMillis(milliseconds.getAsInt()) : null;
    }

    private static OnFailure onFailure(Section section) {
        OnFailure unset = OnFailure.DEFAULT;
        Duration delivery = section.seconds("DeliverySeconds", Duration.ZERO, LONGEST_DELIVERY, unset.delivery());
        WhenUndeliverable then =
                section.choice("WhenUndeliverable", WhenUndeliverable.class, unset.whenUndeliverable());
        section.rejectUnknownKeys();
        return new OnFailure(delivery, then);
    }

    private Optional<Section> part(MappingOption option) {
        return section.section(option.key());
    }

    private OptionalInt integer(MappingOption option, int minimum, int maximum) {
        return section.integer(option.key(), minimum, maximum);
    }
}
