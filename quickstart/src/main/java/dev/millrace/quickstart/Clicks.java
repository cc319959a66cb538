package dev.millrace.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The records on the stream: each is processed, by the function's ledger, or written to the on-failure destination. */
final class Clicks implements Source {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The emulator becomes slow with thousands of records. */
    private static final int MOST_RECORDS = 2_000;

    private static final int RETRIES = 2;

    private final ClickStream stream;
    private final Ledger ledger;
    private final Path discards;
    private final List<Click> clicks;

    /**
     * Records for a stream.
     *
     * @param discards the file that the daemon writes discarded records to
     * @param records how many to send, as far as the emulator bears it
     */
    Clicks(ClickStream stream, Ledger ledger, Path discards, int records) {
        this.stream = stream;
        this.ledger = ledger;
        this.discards = discards;
        this.clicks = IntStream.range(0, Math.min(records, MOST_RECORDS))
                .mapToObj(Click::new)
                .toList();
    }

    @Override
    public String endpoint() {
        return "Kinesis: \"" + stream.server().endpoint() + "\"";
    }

    @Override
    public String mappings() {
        return """
              - EventSourceArn: %s
                FunctionName: sample
                StartingPosition: TRIM_HORIZON
                BatchSize: 20
                ParallelizationFactor: 2
                BisectBatchOnFunctionError: true
                MaximumRetryAttempts: %d
                DestinationConfig: {OnFailure: {Destination: "file:%s"}}
                Millrace: {Retry: {BaseMilliseconds: 100}}
            """.formatted(ClickStream.arn(), RETRIES, discards);
    }

    @Override
    public String announcement() {
        return clicks.size() + " records: every 25th fails its whole batch, which is halved until it is alone,"
                + " retried " + RETRIES + " times, discarded.";
    }

    @Override
    public void send() {
        stream.put(clicks);
    }

    /**
     * The state of the records.
     *
     * @param processed records processed at least once
     * @param deliveries records processed, each counted as often as it was
     * @param discarded ids of the records that the on-failure destination was told of
     * @param failedBatches the batches that the function failed
     * @param outOfOrder records processed before an earlier one of the same partition key
     * @param missing records that are neither processed nor discarded
     */
    record RecordBalance(
            int processed,
            int deliveries,
            Set<String> discarded,
            List<Ledger.FailedBatch> failedBatches,
            int outOfOrder,
            List<String> missing)
            implements Balance {

        private int sent() {
            return processed + discarded.size() + missing.size();
        }

        @Override
        public boolean complete() {
            return missing.isEmpty() && outOfOrder == 0;
        }

        @Override
        public String subject() {
            return "records";
        }

        @Override
        public int done() {
            return processed + discarded.size();
        }

        @Override
        public int waiting() {
            return missing.size();
        }

        @Override
        public List<String> summary() {
            List<String> lines = new ArrayList<>(List.of(
                    "records sent                         " + sent(),
                    "  processed by the sample function   " + processed,
                    "  discarded                          " + discarded.size()
                            + "   (told to the on-failure destination)",
                    "  processed more than once           " + (deliveries - processed)
                            + "   (delivery is at least once)",
                    "  out of order within their key      " + outOfOrder));
            failedBatches.stream()
                    .map(Ledger.FailedBatch::culprit)
                    .filter(discarded::contains)
                    .findFirst()
                    .ifPresent(id ->
                            lines.add("  e.g. " + id + " failed in batches of " + sizes(id) + ", then was discarded"));
            return lines;
        }

        private String sizes(String culprit) {
            return failedBatches.stream()
                    .filter(batch -> batch.culprit().equals(culprit))
                    .map(batch -> String.valueOf(batch.records()))
                    .collect(Collectors.joining(", "));
        }
    }

    @Override
    public RecordBalance balance() throws IOException {
        List<String> deliveries = ledger.processed(Click.PREFIX);
        Set<String> processed = new LinkedHashSet<>(deliveries);
        Set<String> discarded = discarded();
        discarded.removeAll(processed);
        List<String> missing = clicks.stream()
                .map(Click::id)
                .filter(id -> !processed.contains(id) && !discarded.contains(id))
                .toList();
        return new RecordBalance(
                processed.size(),
                deliveries.size(),
                discarded,
                ledger.failedBatches(),
                KeyOrder.outOfOrder(processed, Click::of),
                missing);
    }

    /** What the destination was told: an invocation record a line, with the event that was given up. */
    private Set<String> discarded() throws IOException {
        Set<String> ids = new HashSet<>();
        for (String line : Ledger.lines(discards).toList()) {
            JsonNode event = JSON.readTree(JSON.readTree(line).get("payload").asText());
            for (JsonNode record : event.get("Records")) {
                ids.add(JSON.readTree(record.at("/kinesis/data").binaryValue())
                        .get("id")
                        .asText());
            }
        }
        return ids;
    }

    @Override
    public void close() {
        stream.close();
    }
}
