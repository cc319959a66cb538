package dev.millrace.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The messages on the two queues: each is processed, by the function's ledger, or ends in a dead-letter queue. */
final class Orders implements Source {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Every fifth message goes to the FIFO queue. */
    private static final int FIFO_EVERY = 5;
    /** Most messages of one request. */
    private static final int ENTRIES = 10;

    private final Emulator emulator;
    private final Ledger ledger;
    private final int messages;
    private final Set<String> sent = new HashSet<>();
    private final Map<String, Set<String>> deadLettered = new HashMap<>();

    Orders(Emulator emulator, Ledger ledger, int messages) {
        this.emulator = emulator;
        this.ledger = ledger;
        this.messages = messages;
        Emulator.QUEUES.forEach(queue -> deadLettered.put(queue, new HashSet<>()));
    }

    @Override
    public String endpoint() {
        return "Sqs: \"" + emulator.endpoint() + "\"";
    }

    @Override
    public String mappings() {
        StringBuilder mappings = new StringBuilder();
        for (String queue : Emulator.QUEUES) {
            mappings.append("""
                  - EventSourceArn: %s
                    FunctionName: sample
                    BatchSize: 10
                    FunctionResponseTypes: [ReportBatchItemFailures]
                    Millrace: {RetryBackoff: {BaseSeconds: 1}, WaitTimeSeconds: 2}
                """.formatted(Emulator.arn(queue)));
        }
        return mappings.toString();
    }

    @Override
    public String announcement() {
        return messages + " messages: every 10th fails once, every 25th always and ends in its dead-letter queue after "
                + Emulator.MOST_RECEIVES + " receives.";
    }

    @Override
    public void send() {
        List<Order> standard = new ArrayList<>();
        List<Order> fifo = new ArrayList<>();
        for (int n = 0; n < messages; n++) {
            Order order = Order.number(n);
            sent.add(order.id());
            (n % FIFO_EVERY == 0 ? fifo : standard).add(order);
        }
        send(Emulator.ORDERS, standard);
        send(Emulator.PAYMENTS, fifo);
    }

    private void send(String queue, List<Order> orders) {
        for (int from = 0; from < orders.size(); from += ENTRIES) {
            emulator.send(queue, orders.subList(from, Math.min(from + ENTRIES, orders.size())));
        }
    }

    /**
     * The state of the messages.
     *
     * @param sent messages sent
     * @param processed messages processed at least once
     * @param deliveries messages processed, each counted as often as it was
     * @param deadLettered messages in a dead-letter queue
     * @param waiting messages in the queues, visible or not
     * @param missing messages that are neither processed nor in a dead-letter queue
     */
    record MessageBalance(int sent, int processed, int deliveries, int deadLettered, int waiting, List<String> missing)
            implements Balance {

        @Override
        public boolean complete() {
            return missing.isEmpty() && waiting == 0;
        }

        @Override
        public String subject() {
            return "messages";
        }

        @Override
        public int done() {
            return processed + deadLettered;
        }

        @Override
        public List<String> summary() {
            return List.of(
                    "messages sent                        " + sent,
                    "  processed by the sample function   " + processed,
                    "  in a dead-letter queue             " + deadLettered + "   (failed " + Emulator.MOST_RECEIVES
                            + " times)",
                    "  processed more than once           " + (deliveries - processed)
                            + "   (delivery is at least once)");
        }
    }

    @Override
    public MessageBalance balance() throws IOException {
        int waiting = Emulator.QUEUES.stream().mapToInt(emulator::depth).sum();
        List<String> deliveries = ledger.processed(Order.PREFIX);
        Set<String> processed = new HashSet<>(deliveries);
        Set<String> dead = new HashSet<>();
        for (String queue : Emulator.QUEUES) {
            dead.addAll(deadLetters(queue));
        }
        dead.removeAll(processed);
        List<String> missing = sent.stream()
                .filter(id -> !processed.contains(id) && !dead.contains(id))
                .sorted()
                .toList();
        return new MessageBalance(sent.size(), processed.size(), deliveries.size(), dead.size(), waiting, missing);
    }

    private Set<String> deadLetters(String queue) {
        Set<String> known = deadLettered.getOrDefault(queue, Set.of());
        List<String> bodies = emulator.drain(Emulator.deadLetters(queue));
        while (!bodies.isEmpty()) {
            bodies.forEach(body -> known.add(id(body)));
            bodies = emulator.drain(Emulator.deadLetters(queue));
        }
        return known;
    }

    private static String id(String body) {
        try {
            return JSON.readTree(body).get("id").asText();
        } catch (IOException e) {
            throw new UncheckedIOException("a message of the quickstart is not JSON: " + body, e);
        }
    }

    @Override
    public void close() {
        emulator.close();
    }
}
