package dev.millrace.queue;

import dev.millrace.source.QueueMessage;
import dev.millrace.source.SourceProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The long polls in flight: how many there should be, and what they may still bring. */
final class Receives {

    private record Open(int maximum, Instant since) {}

    private final Duration waitTime;
    private final ReceivePacer pacer;
    private final Map<Long, Open> open = new HashMap<>();

    private long asked;
    private long largestAnswerBytes;

    Receives(QueuePolicy policy, RandomGenerator random) {
        this.waitTime = policy.options().waitTime();
        this.pacer = new ReceivePacer(policy.minimumReceives(), random);
    }

    /** Whether one more long poll is wanted at this time. */
    boolean wantsMore(Instant now) {
        return open.size() < pacer.wanted(now);
    }

    QueueCommand.Receive start(long call, int maximum, Instant now) {
        open.put(call, new Open(maximum, now));
        asked += maximum;
        return new QueueCommand.Receive(call, maximum, waitTime);
    }

    void answered(QueueEvent.Received answer, Instant now) {
        Open call = end(answer.call());
        int count = answer.messages().size();
        boolean early = Duration.between(call.since(), answer.at()).compareTo(waitTime.dividedBy(2)) < 0;
        pacer.received(count, count >= call.maximum(), early, now);
        long bytes = 0;
        for (QueueMessage message : answer.messages()) {
            bytes += message.json().size();
        }
        largestAnswerBytes = Math.max(bytes, largestAnswerBytes - largestAnswerBytes / 16);
    }

    /** Answers how long the queue is left alone. */
    Duration failed(long call, SourceProblem why, Instant now) {
        end(call);
        return backOff(why, now);
    }

    /** Any call but a receive failed; answers how long the queue is left alone. */
    Duration backOff(SourceProblem why, Instant now) {
        return pacer.failed(why, now);
    }

    private Open end(long call) {
        Open ended = open.remove(call);
        if (ended == null) {
            throw new IllegalStateException("answer to receive " + call + ", which is not in flight");
        }
        asked -= ended.maximum();
        return ended;
    }

    int size() {
        return open.size();
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    /** Messages that the long polls in flight may bring. */
    long asked() {
        return asked;
    }

    /** Bytes to expect of the long polls in flight and one more, by what recent ones brought. */
    long expectedBytesWithOneMore() {
        return (open.size() + 1) * largestAnswerBytes;
    }

    /** When a pause ends; {@link Instant#MAX} when there is none. */
    Instant nextStart(Instant now) {
        return pacer.pausedUntil().isAfter(now) ? pacer.pausedUntil() : Instant.MAX;
    }
}
