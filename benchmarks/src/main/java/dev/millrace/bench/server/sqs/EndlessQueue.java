package dev.millrace.bench.server.sqs;

import dev.millrace.bench.server.HttpService;

/** A queue that always has as many messages as are asked for. */
final class EndlessQueue implements CannedQueue {
    private final CannedMessages messages;
    private final SqsCounters counters;

    EndlessQueue(CannedMessages messages, SqsCounters counters) {
        this.messages = messages;
        this.counters = counters;
    }

    @Override
    public void receive(Receive receive) {
        byte[] answer = messages.answer(receive.maximum());
        counters.messages += receive.maximum();
        receive.connection().respond(answer, answer.length);
    }

    @Override
    public long nextTick() {
        return HttpService.NEVER;
    }

    @Override
    public void tick(long now) {}
}
