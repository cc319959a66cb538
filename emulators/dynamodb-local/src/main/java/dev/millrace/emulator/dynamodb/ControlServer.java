package dev.millrace.emulator.dynamodb;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** What tests can make the emulator do that its own API has no call for: {@code POST /rollover}. On a free port of loopback. */
final class ControlServer {

    private static final int NO_CONTENT = 204;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int NO_BODY = -1;

    private final HttpServer http;

    private ControlServer(HttpServer http) {
        this.http = http;
    }

    static ControlServer start(LocalServer server) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/rollover", exchange -> rollOver(server, exchange));
        http.start();
        return new ControlServer(http);
    }

    int port() {
        return http.getAddress().getPort();
    }

    private static void rollOver(LocalServer server, HttpExchange exchange) throws IOException {
        try (exchange) {
            if (exchange.getRequestMethod().equals("POST")) {
                server.rollOver();
                exchange.sendResponseHeaders(NO_CONTENT, NO_BODY);
            } else {
                exchange.sendResponseHeaders(METHOD_NOT_ALLOWED, NO_BODY);
            }
        }
    }
}
