package dev.millrace.bench.server;

import java.io.IOException;

/**
 * A function that answers every POST with {@code {}}, as cheaply as possible. {@code GET /stats} tells what was counted,
 * {@code GET /reset} forgets it. Started with {@code --delays} it also logs, for each message in whatever JSON a peer
 * posts, the delay from its becoming visible to its arrival here.
 */
public final class TrivialFunction implements HttpService {
    private static final byte[] ANSWER = HttpResponse.json("{}");

    private final boolean logsDelays;
    private final DelayLog delays = new DelayLog();
    private long requests;
    private long bytes;

    TrivialFunction(boolean logsDelays) {
        this.logsDelays = logsDelays;
    }

    /** Serves on a free port of the loopback address and prints it as {@code READY port}; runs until killed. */
    public static void main(String[] args) throws IOException {
        boolean logsDelays = args.length == 1 && "--delays".equals(args[0]);
        try (HttpLoop loop = new HttpLoop(0, new TrivialFunction(logsDelays))) {
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
        if (logsDelays) {
            logDelays(request);
        }
        connection.respond(ANSWER, ANSWER.length);
    }

    private byte[] page(String path) {
        if (path.equals("/reset")) {
            requests = 0;
            bytes = 0;
            delays.clear();
        }
        return HttpResponse.json("{\"requests\":" + requests + ",\"bytes\":" + bytes + "," + delays.toJson() + "}");
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
