package dev.millrace.testkit.guarantee;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every message sent is processed, and nothing that was not sent. Counts what was invoked more than once, by the consumer that
 * had invoked it before: a duplicate is that consumer's doing, since it did not delete the message or did not store its progress.
 * An attempt after a failure that the test wanted is no duplicate.
 */
public final class AtLeastOnce implements Guarantee {

    private static final int NAMED = 10;

    private final Set<String> sent = new LinkedHashSet<>();
    private final Set<String> processed = new LinkedHashSet<>();
    private final Set<String> unknown = new LinkedHashSet<>();
    private final Map<String, String> lastConsumer = new HashMap<>();
    private final List<Repetition> repetitions = new ArrayList<>();

    /**
     * A message that reached the function again.
     *
     * @param consumer which had invoked it before
     */
    public record Repetition(String consumer, Sent message) {}

    @Override
    public void onSend(Sent message) {
        sent.add(message.id());
    }

    @Override
    public void onStarted(Invocation invocation) {
        for (Sent message : invocation.messages()) {
            String before = lastConsumer.put(message.id(), invocation.consumer());
            if (before != null) {
                repetitions.add(new Repetition(before, message));
            }
        }
    }

    @Override
    public void onFailed(Invocation invocation) {
        invocation.messages().forEach(message -> lastConsumer.remove(message.id(), invocation.consumer()));
    }

    @Override
    public void onProcessed(Invocation invocation) {
        for (Sent message : invocation.messages()) {
            (sent.contains(message.id()) ? processed : unknown).add(message.id());
        }
    }

    /** Messages sent and not processed so far. */
    public int owed() {
        return sent.size() - processed.size();
    }

    public int sentCount() {
        return sent.size();
    }

    public int processedCount() {
        return processed.size();
    }

    /** Repeated invocations of a message, by the consumer that had invoked it before. */
    public Map<String, Integer> duplicates() {
        Map<String, Integer> duplicates = new HashMap<>();
        repetitions.forEach(repetition -> duplicates.merge(repetition.consumer(), 1, Integer::sum));
        return duplicates;
    }

    /** As {@link #duplicates()}, one by one. */
    public List<Repetition> repetitions() {
        return List.copyOf(repetitions);
    }

    @Override
    public List<String> check() {
        List<String> broken = new ArrayList<>();
        List<String> lost = sent.stream().filter(id -> !processed.contains(id)).toList();
        if (!lost.isEmpty()) {
            broken.add(lost.size() + " of " + sent.size() + " messages were never processed: " + some(lost));
        }
        if (!unknown.isEmpty()) {
            broken.add("processed but never sent: " + some(List.copyOf(unknown)));
        }
        return broken;
    }

    private static List<String> some(List<String> ids) {
        return ids.subList(0, Math.min(NAMED, ids.size()));
    }
}
