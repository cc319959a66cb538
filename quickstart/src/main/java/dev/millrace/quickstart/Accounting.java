package dev.millrace.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What became of every message: processed, by the function's own ledger, or in a dead-letter queue. */
final class Accounting {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Emulator emulator;
    private final Path ledger;
    private final Set<String> sent = new HashSet<>();
    private final Map<String, Set<String>> deadLettered = new HashMap<>();

    Accounting(Emulator emulator, Path ledger) {
        this.emulator = emulator;
        this.ledger = ledger;
        Emulator.QUEUES.forEach(queue -> deadLettered.put(queue, new HashSet<>()));
    }

    void sent(Order order) {
        sent.add(order.id());
    }

    /**
     * The state of things.
     *
     * @param sent messages sent
     * @param processed messages processed at least once
     * @param deliveries messages processed, each counted as often as it was
     * @param deadLettered messages in a dead-letter queue
     * @param waiting messages in the queues, visible or not
     */
    record Balance(int sent, int processed, int deliveries, int deadLettered, int waiting) {

        boolean complete() {
            return processed + deadLettered == sent && waiting == 0;
        }

        @Override
        public String toString() {
            return String.format(
                    java.util.Locale.ROOT,
                    "sent %5d   processed %5d   waiting or in flight %5d   in a dead-letter queue %3d",
                    sent,
                    processed,
                    waiting,
                    deadLettered);
        }
    }

    Balance balance() throws IOException {
        int waiting = Emulator.QUEUES.stream().mapToInt(emulator::depth).sum();
        List<String> lines = Files.exists(ledger) ? Files.readAllLines(ledger) : List.of();
        Set<String> processed = new HashSet<>(lines);
        processed.retainAll(sent);
        Set<String> dead = new HashSet<>();
        for (String queue : Emulator.QUEUES) {
            dead.addAll(deadLetters(queue));
        }
        dead.removeAll(processed);
        return new Balance(sent.size(), processed.size(), lines.size(), dead.size(), waiting);
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

    /** Messages that are nowhere: empty unless something is lost. */
    List<String> missing() throws IOException {
        Set<String> missing = new HashSet<>(sent);
        if (Files.exists(ledger)) {
            missing.removeAll(new HashSet<>(Files.readAllLines(ledger)));
        }
        deadLettered.values().forEach(missing::removeAll);
        return new ArrayList<>(missing);
    }
}
