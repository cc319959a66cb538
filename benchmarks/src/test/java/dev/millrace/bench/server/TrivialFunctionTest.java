package dev.millrace.bench.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrivialFunctionTest {
    private static final int PATIENCE_MILLIS = 10_000;

    private final RunningLoop server = RunningLoop.start(function("--delays", "--records"));

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void answersAnyPostWithAnEmptyObject() throws IOException {
        assertThat(exchange(post("[]"))).startsWith("HTTP/1.1 200 OK").endsWith("{}");
    }

    @Test
    void findsEveryMessageInALambdaEvent() throws IOException {
        long stamp = MessageStamp.now() - 2_000;
        String body = "{\\\"visibleAt\\\":" + stamp + ",\\\"note\\\":\\\"..\\\"}";
        String json = "{\"Records\":[{\"body\":\"" + body + "\"},{\"body\":\"" + body + "\"}]}";

        assertThat(exchange(post(json), stats())).contains("\"requests\":1,").contains("\"delays\":2,");
    }

    @Test
    void findsEveryMessageInAnArrayOfBodies() throws IOException {
        String body = "\"{\\\"visibleAt\\\":" + MessageStamp.now() + ",\\\"note\\\":\\\"..\\\"}\"";

        assertThat(exchange(post("[" + body + "," + body + "," + body + "]"), stats()))
                .contains("\"delays\":3,");
    }

    @Test
    void countsTheRecordsOfALambdaEventWhateverTheirSizes() throws IOException {
        String small = "{\"eventID\":\"1\"}";
        String large = "{\"eventID\":\"22\",\"kinesis\":{\"data\":\"" + "x".repeat(100) + "\"}}";
        String records = String.join(",", small, small, small, large, large, small, large, small, small, large);

        assertThat(exchange(post("{\"Records\":[" + records + "]}"), post("{\"Records\":[]}"), stats()))
                .contains("\"requests\":2,")
                .contains("\"records\":10,");
    }

    @Test
    void takesItsTimeWhenAskedToAndServesOthersMeanwhile() throws IOException {
        try (RunningLoop slow = RunningLoop.start(function("--millis=200"));
                Socket first = connect(slow);
                Socket second = connect(slow)) {
            long start = System.nanoTime();
            write(first, post("[]"));
            write(second, post("[]"));
            assertThat(readAnswer(first)).endsWith("{}");
            assertThat(readAnswer(second)).endsWith("{}");
            assertThat(System.nanoTime() - start).isBetween(200_000_000L, 390_000_000L);
        }
    }

    private static TrivialFunction function(String... arguments) {
        return new TrivialFunction(TrivialFunction.Behaviour.parse(List.of(arguments)));
    }

    @Test
    void takesARequestThatComesInPieces() throws IOException {
        String request = post("[\"" + "x".repeat(50_000) + "\"]");
        try (Socket socket = connect()) {
            write(socket, request.substring(0, 10));
            write(socket, request.substring(10, 30_000));
            write(socket, request.substring(30_000));
            assertThat(readAnswer(socket)).endsWith("{}");
        }
    }

    @Test
    void takesAChunkedRequest() throws IOException {
        String stamped = "{\"visibleAt\":" + MessageStamp.now() + ",\"pad\":1}";
        String first = stamped.substring(0, 5);
        String second = stamped.substring(5);
        String chunks = Integer.toHexString(first.length()) + "\r\n" + first + "\r\n"
                + Integer.toHexString(second.length()) + "\r\n" + second + "\r\n0\r\n\r\n";

        assertThat(exchange("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, stats()))
                .contains("\"requests\":1,\"bytes\":" + stamped.length() + ",")
                .contains("\"delays\":1,");
    }

    @Test
    void asksForTheBodyOfAClientThatWaitsForIt() throws IOException {
        try (Socket socket = connect()) {
            write(socket, "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(readHead(socket)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            write(socket, "{}");
            assertThat(readAnswer(socket)).endsWith("{}");
        }
    }

    @Test
    void forgetsWhatItCountedWhenAsked() throws IOException {
        assertThat(exchange(post("[]"), "GET /reset HTTP/1.1\r\n\r\n", stats()))
                .endsWith(
                        "{\"requests\":0,\"bytes\":0,\"records\":0,\"delays\":0,\"delaysLost\":0,\"p50\":0,\"p90\":0,\"p99\":0,\"max\":0}");
    }

    private static String post(String json) {
        return "POST / HTTP/1.1\r\nHost: here\r\ncontent-length: " + json.length() + "\r\n\r\n" + json;
    }

    private static String stats() {
        return "GET /stats HTTP/1.1\r\n\r\n";
    }

    /** Sends one request after the other; returns the last answer. */
    private String exchange(String... requests) throws IOException {
        String answer = "";
        try (Socket socket = connect()) {
            for (String request : requests) {
                write(socket, request);
                answer = readAnswer(socket);
            }
        }
        return answer;
    }

    private Socket connect() throws IOException {
        return connect(server);
    }

    private static Socket connect(RunningLoop to) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.port());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void write(Socket socket, String piece) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(piece.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static String readAnswer(Socket socket) throws IOException {
        String head = readHead(socket);
        String length = head.replaceFirst("(?s).*Content-Length: (\\d+).*", "$1");
        byte[] body = socket.getInputStream().readNBytes(Integer.parseInt(length));
        return head + new String(body, StandardCharsets.US_ASCII);
    }

    private static String readHead(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int letter = socket.getInputStream().read();
            assertThat(letter).as("the connection ended after %s", head).isNotNegative();
            head.append((char) letter);
        }
        return head.toString();
    }
}
