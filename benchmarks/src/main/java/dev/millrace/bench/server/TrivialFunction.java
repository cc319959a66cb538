package dev.millrace.bench.server;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A function that answers every POST with {@code {}}, as cheaply as possible. {@code GET /stats} tells what was counted,
 * {@code GET /reset} forgets it.
 */
public final class TrivialFunction implements HttpService {
    private static final byte[] ANSWER = HttpResponse.json("{}");

    private final Behaviour behaviour;
    private final DelayLog delays = new DelayLog();
    private final Deque<Owed> owed = new ArrayDeque<>();
    private long requests;
    private long bytes;
    private long records;

    TrivialFunction(Behaviour behaviour) {
        this.behaviour = behaviour;
    }

    /**
     * What it does beside answering.
     *
     * @param logsDelays logs, for each message in whatever JSON a peer posts, the delay from its becoming visible to its
     *     arrival here
     * @param countsRecords counts the records of Lambda's events
     * @param nanos how long it takes to answer, in nanoseconds
     */
    record Behaviour(boolean logsDelays, boolean countsRecords, long nanos) {
        /** From {@code --delays}, {@code --records} and {@code --millis=N}. */
        static Behaviour parse(List<String> arguments) {
            long millis = arguments.stream()
                    .filter(argument -> argument.startsWith("--millis="))
                    .mapToLong(argument -> Long.parseLong(argument.substring("--millis=".length())))
                    .findFirst()
                    .orElse(0);
            return new Behaviour(
                    arguments.contains("--delays"),
                    arguments.contains("--records"),
                    TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }

    /** An answer that is to be given at the {@link System#nanoTime} {@code at}. */
    private record Owed(HttpConnection connection, long at) {}

    /**
     * Serves on a free port of the loopback address and prints it as {@code READY port}; runs until killed. Arguments: see
     * {@link Behaviour#parse}.
     */
    public static void main(String[] args) throws IOException {
        try (HttpLoop loop = new HttpLoop(0, new TrivialFunction(Behaviour.parse(List.of(args))))) {
            System.out.println("READY " + loop.port());
            loop.run();
        }
    }

    @Override
    public void serve(HttpRequest request, HttpConnection connection) {
        if (request.isGet()) {
            byte[] page = page(request.path());
            connection.respond(page, page.length);
            return;
        }
        requests++;
        bytes += request.bodyEnd() - request.bodyStart();
        if (behaviour.logsDelays()) {
            logDelays(request);
        }
        if (behaviour.countsRecords()) {
            records += RecordCount.of(request.bytes(), request.bodyStart(), request.bodyEnd());
        }
        if (behaviour.nanos() == 0) {
            connection.respond(ANSWER, ANSWER.length);
        } else {
            owed.add(new Owed(connection, System.nanoTime() + behaviour.nanos()));
        }
    }

    @Override
    public long nextTick() {
        Owed oldest = owed.peekFirst();
        return oldest == null ? NEVER : oldest.at();
    }

    @Override
    public void tick(long now) {
        while (!owed.isEmpty() && owed.getFirst().at() - now <= 0) {
            HttpConnection connection = owed.removeFirst().connection();
            if (connection.isOpen()) {
                connection.respond(ANSWER, ANSWER.length);
            }
        }
    }

    private byte[] page(String path) {
        if (path.equals("/reset")) {
            requests = 0;
            bytes = 0;
            records = 0;
            delays.clear();
        }
        return HttpResponse.json("{\"requests\":" + requests + ",\"bytes\":" + bytes + ",\"records\":" + records + ","
                + delays.toJson() + "}");
    }

    private void logDelays(HttpRequest request) {
        long now = MessageStamp.now();
        int at = MessageStamp.find(request.bytes(), request.bodyStart(), request.bodyEnd());
        while (at >= 0) {
            delays.add(now - MessageStamp.read(request.bytes(), at, request.bodyEnd()));
            at = MessageStamp.find(request.bytes(), at + 1, request.bodyEnd());
        }
    }
}
