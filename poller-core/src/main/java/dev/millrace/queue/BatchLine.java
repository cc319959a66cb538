package dev.millrace.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Closed batches in the order of their receive: those that wait for a slot, those that are invoking, and those that back
 * off. Knows which message groups are busy: a batch waits while any of its groups is in flight or in a batch before it,
 * and batches of other groups go past it.
 */
final class BatchLine {

    private final List<HeldBatch> ready = new ArrayList<>();
    private final Map<Long, HeldBatch> invoking = new LinkedHashMap<>();
    private final List<HeldBatch> backingOff = new ArrayList<>();

    void add(HeldBatch batch) {
        ready.add(batch);
    }

    /** Puts the parts of a split batch before everything that waits. */
    void addFirst(List<HeldBatch> parts) {
        ready.addAll(0, parts);
    }

    /** Slots in use: a batch keeps its slot while it backs off. */
    int busy() {
        return invoking.size() + backingOff.size();
    }

    int waiting() {
        return ready.size();
    }

    int invocations() {
        return invoking.size();
    }

    boolean isEmpty() {
        return ready.isEmpty() && invoking.isEmpty() && backingOff.isEmpty();
    }

    /** Batches with the function; a view. */
    Collection<HeldBatch> invoking() {
        return Collections.unmodifiableCollection(invoking.values());
    }

    /** Batches that are not with the function at this time. */
    List<HeldBatch> notInvoking() {
        if (backingOff.isEmpty() && ready.isEmpty()) {
            return List.of();
        }
        return Stream.concat(backingOff.stream(), ready.stream()).toList();
    }

    /** The next batch that waits for a slot and may go, in order; it is then taken out. */
    Optional<HeldBatch> takeReady() {
        if (ready.isEmpty()) {
            return Optional.empty();
        }
        Set<String> busy = busyGroups();
        for (Iterator<HeldBatch> batches = ready.iterator(); batches.hasNext(); ) {
            HeldBatch batch = batches.next();
            Set<String> groups = batch.groups();
            if (groups.stream().noneMatch(busy::contains)) {
                batches.remove();
                return Optional.of(batch);
            }
            busy.addAll(groups);
        }
        return Optional.empty();
    }

    private Set<String> busyGroups() {
        Set<String> busy = new HashSet<>();
        invoking.values().forEach(batch -> busy.addAll(batch.groups()));
        backingOff.forEach(batch -> busy.addAll(batch.groups()));
        return busy;
    }

    /** A batch that backs off and whose time has come; it is then taken out. */
    Optional<HeldBatch> takeDue(Instant now) {
        for (Iterator<HeldBatch> batches = backingOff.iterator(); batches.hasNext(); ) {
            HeldBatch batch = batches.next();
            if (!batch.retryAt().isAfter(now)) {
                batches.remove();
                return Optional.of(batch);
            }
        }
        return Optional.empty();
    }

    void started(HeldBatch batch) {
        invoking.put(batch.number(), batch);
    }

    /** Takes out a batch whose invocation has ended. */
    HeldBatch ended(long number) {
        HeldBatch batch = invoking.remove(number);
        if (batch == null) {
            throw new IllegalStateException("outcome of batch " + number + ", which is not invoking");
        }
        return batch;
    }

    void backOff(HeldBatch batch) {
        backingOff.add(batch);
    }

    /** Takes messages out of all batches that are not with the function; empty batches disappear. */
    List<HeldMessage> remove(Predicate<HeldMessage> leaving) {
        List<HeldMessage> removed = new ArrayList<>();
        for (List<HeldBatch> batches : List.of(backingOff, ready)) {
            for (HeldBatch batch : batches) {
                removed.addAll(batch.remove(leaving));
            }
            batches.removeIf(batch -> batch.messages().isEmpty());
        }
        return removed;
    }

    /** Takes messages out of one batch that is not with the function. */
    List<HeldMessage> removeFrom(HeldBatch batch, Predicate<HeldMessage> leaving) {
        List<HeldMessage> removed = batch.remove(leaving);
        if (batch.messages().isEmpty()) {
            ready.remove(batch);
            backingOff.remove(batch);
        }
        return removed;
    }

    /** When a batch that backs off is due next, or {@link Instant#MAX}. */
    Instant nextRetry() {
        return backingOff.stream()
                .map(HeldBatch::retryAt)
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
    }

    /** When the first message not with the function becomes visible again, or {@link Instant#MAX}. */
    Instant firstVisibleAgain() {
        return notInvoking().stream()
                .map(HeldBatch::firstVisibleAgainAt)
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
    }
}
