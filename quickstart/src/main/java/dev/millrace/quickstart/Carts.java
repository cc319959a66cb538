package dev.millrace.quickstart;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** The changes of the table: each is processed, by the function's ledger. */
final class Carts implements Source {

    private static final int MOST_CHANGES = 10_000;

    private final CartTable table;
    private final Ledger ledger;
    private final List<CartChange> changes;

    /**
     * Changes for a table.
     *
     * @param changes how many to make, as far as the emulator bears it
     */
    Carts(CartTable table, Ledger ledger, int changes) {
        this.table = table;
        this.ledger = ledger;
        this.changes = IntStream.range(0, Math.min(changes, MOST_CHANGES))
                .mapToObj(CartChange::new)
                .toList();
    }

    @Override
    public String endpoint() {
        return "DynamoDbStreams: \"" + table.server().endpoint() + "\"";
    }

    @Override
    public String mappings() {
        return """
              - EventSourceArn: %s
                FunctionName: sample
                StartingPosition: TRIM_HORIZON
                BatchSize: 50
                ParallelizationFactor: 2
            """.formatted(table.streamArn());
    }

    @Override
    public String announcement() {
        return changes.size() + " changes to the table " + CartTable.NAME + ", of " + CartChange.CARTS
                + " items in turn: each reaches the function, in order within its item.";
    }

    @Override
    public void send() {
        table.change(changes);
    }

    /**
     * The state of the changes.
     *
     * @param processed changes processed at least once
     * @param deliveries changes processed, each counted as often as it was
     * @param outOfOrder changes processed before an earlier one of the same item
     * @param missing changes that are not processed
     */
    record ChangeBalance(int processed, int deliveries, int outOfOrder, List<String> missing) implements Balance {

        @Override
        public boolean complete() {
            return missing.isEmpty() && outOfOrder == 0;
        }

        @Override
        public String subject() {
            return "changes";
        }

        @Override
        public int done() {
            return processed;
        }

        @Override
        public int waiting() {
            return missing.size();
        }

        @Override
        public List<String> summary() {
            return List.of(
                    "changes made to the table            " + (processed + missing.size()),
                    "  processed by the sample function   " + processed,
                    "  processed more than once           " + (deliveries - processed)
                            + "   (delivery is at least once)",
                    "  out of order within their item     " + outOfOrder);
        }
    }

    @Override
    public ChangeBalance balance() throws IOException {
        List<String> deliveries = ledger.processed(CartChange.PREFIX);
        Set<String> processed = new LinkedHashSet<>(deliveries);
        List<String> missing = changes.stream()
                .map(CartChange::id)
                .filter(id -> !processed.contains(id))
                .toList();
        return new ChangeBalance(
                processed.size(), deliveries.size(), KeyOrder.outOfOrder(processed, CartChange::of), missing);
    }

    @Override
    public void close() {
        table.close();
    }
}
