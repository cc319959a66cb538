package dev.millrace.daemon.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.queue.QueueSnapshot;
import dev.millrace.runner.QueuePoller;
import java.util.Optional;

/** A queue mapping as the HTTP server shows it. */
public record PolledQueue(EventSourceMapping mapping, QueuePoller poller) implements StatusContent.Polled {

    @Override
    public boolean alive() {
        return poller.alive();
    }

    @Override
    public StatusContent.State state() {
        Optional<QueueSnapshot> answer = poller.snapshot();
        return new StatusContent.State(
                answer.map(PolledQueue::word).orElse(StatusContent.RESTARTING),
                answer.filter(PolledQueue::isReady).isPresent(),
                status -> answer.ifPresent(snapshot -> describe(snapshot, status)));
    }

    private static boolean isReady(QueueSnapshot snapshot) {
        return snapshot.phase() == QueueSnapshot.Phase.RUNNING && snapshot.problem() == null;
    }

    private static String word(QueueSnapshot snapshot) {
        if (snapshot.problem() != null) {
            return "source trouble: " + snapshot.problem().kind();
        }
        return switch (snapshot.phase()) {
            case STARTING -> "starting";
            case REFUSED -> "refused: function timeout exceeds the queue's visibility timeout";
            case RUNNING -> "Enabled";
            case STOPPING -> "stopping";
            case FINISHED -> "stopped";
        };
    }

    private static void describe(QueueSnapshot snapshot, ObjectNode status) {
        status.put("CircuitBreaker", snapshot.health().name());
        status.put("ConcurrencyLimit", snapshot.concurrencyLimit());
        status.put("Invoking", snapshot.invoking());
        status.put("BackingOff", snapshot.backingOff());
        status.put("WaitingBatches", snapshot.waiting());
        status.put("CollectingMessages", snapshot.collecting());
        status.put("Receives", snapshot.receives());
        status.put("DeletingMessages", snapshot.deleting());
        status.put("HeldMessages", snapshot.heldMessages());
        status.put("HeldBytes", snapshot.heldBytes());
        if (snapshot.visibilityTimeout() != null) {
            status.put("VisibilityTimeoutSeconds", snapshot.visibilityTimeout().toSeconds());
        }
        if (snapshot.problem() != null) {
            status.put("Problem", snapshot.problem().message());
        }
    }
}
