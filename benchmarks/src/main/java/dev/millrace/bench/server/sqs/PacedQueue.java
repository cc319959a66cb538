package dev.millrace.bench.server.sqs;

import dev.millrace.bench.server.HttpService;
import dev.millrace.bench.server.MessageStamp;
import dev.millrace.bench.server.sqs.CannedQueue.Receive;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * A queue whose messages become visible one by one at a fixed pace, whatever its consumers do, with SQS's long polling:
 * a receive is answered as soon as there is a message, the oldest waiting receive first, or empty when its wait ends.
 * A message that was handed out never comes back; this measures delay, not delivery.
 */
final class PacedQueue implements CannedQueue {
    /** Messages that nobody fetched; beyond it the consumer is not keeping up and the figure would mean nothing. */
    private static final int MAX_VISIBLE = 100_000;

    private final long intervalNanos;
    private final long burstNanos;
    private final CannedMessages messages;
    private final SqsCounters counters;
    private final EndlessQueue burst;

    private final Deque<Receive> waiting = new ArrayDeque<>();
    private final long[] visibleAt;
    private int firstVisible;
    private int visible;
    private long burstEnd;
    private long nextMessage = HttpService.NEVER;

    /**
     * @param perSecond messages per second, 0 for a queue that stays empty
     * @param burstSeconds how long, from the first receive on, the queue behaves endless
     */
    PacedQueue(int perSecond, int burstSeconds, CannedMessages messages, SqsCounters counters) {
        this.intervalNanos = perSecond == 0 ? HttpService.NEVER : TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.burstNanos = TimeUnit.SECONDS.toNanos(burstSeconds);
        this.messages = messages;
        this.counters = counters;
        // A queue that stays empty must cost nothing: there may be hundreds.
        this.visibleAt = new long[perSecond == 0 ? 0 : MAX_VISIBLE];
        this.burst = new EndlessQueue(messages, counters);
    }

    @Override
    public void receive(Receive receive) {
        long now = System.nanoTime();
        if (nextMessage == HttpService.NEVER && intervalNanos != HttpService.NEVER) {
            burstEnd = now + burstNanos;
            nextMessage = burstEnd + intervalNanos;
        }
        if (burstNanos > 0 && now - burstEnd < 0) {
            burst.receive(receive);
        } else {
            waiting.add(receive);
            tick(now);
        }
    }

    @Override
    public long nextTick() {
        // Receives wait almost always for the same time, so the oldest ends first; another one ends a little late.
        Receive oldest = waiting.peekFirst();
        if (oldest == null) {
            return nextMessage;
        }
        return nextMessage == HttpService.NEVER || oldest.until() - nextMessage < 0 ? oldest.until() : nextMessage;
    }

    @Override
    public void tick(long now) {
        makeVisible(now);
        while (visible > 0 && !waiting.isEmpty()) {
            Receive oldest = waiting.removeFirst();
            if (oldest.connection().isOpen()) {
                handOut(oldest);
            }
        }
        while (!waiting.isEmpty() && waiting.getFirst().until() - now <= 0) {
            Receive oldest = waiting.removeFirst();
            byte[] nothing = messages.answer(0);
            counters.emptyReceives++;
            oldest.connection().respond(nothing, nothing.length);
        }
    }

    /** Keeps to the schedule set by the first receive, but stamps a message with the moment it really became visible. */
    private void makeVisible(long now) {
        while (nextMessage != HttpService.NEVER && nextMessage - now <= 0) {
            if (visible == MAX_VISIBLE) {
                throw new IllegalStateException(MAX_VISIBLE + " messages wait: the consumer does not keep up");
            }
            visibleAt[(firstVisible + visible) % MAX_VISIBLE] = MessageStamp.now();
            visible++;
            nextMessage += intervalNanos;
        }
    }

    private void handOut(Receive receive) {
        int untilWrap = MAX_VISIBLE - firstVisible;
        int count = Math.min(Math.min(visible, receive.maximum()), untilWrap);
        byte[] answer = messages.stampedAnswer(visibleAt, firstVisible, count);
        firstVisible = (firstVisible + count) % MAX_VISIBLE;
        visible -= count;
        counters.messages += count;
        receive.connection().respond(answer, answer.length);
    }
}
