package dev.millrace.testkit.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.service.Fault;
import dev.millrace.testkit.service.TestClock;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bytes on the wire, where the AWS SDK would forgive or hide them. */
class KinesisWireTest {

    private final KinesisServer server = KinesisServer.start(new TestClock(Instant.parse("2026-11-20T10:00:00.123Z")));

    @AfterEach
    void close() {
        server.close();
    }

    private static String request(String operation, String body) {
        return "POST / HTTP/1.1\r\n"
                + "Host: x\r\n"
                + "Content-Type: application/x-amz-json-1.1\r\n"
                + "X-Amz-Target: Kinesis_20131202."
                + operation + "\r\nContent-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body;
    }

    /** Sends a request and reads until the server closes the connection. */
    private String exchange(String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.endpoint().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void writesTimesInSecondsInJson() throws IOException {
        server.stream("s", 1);

        String answer = exchange(request("DescribeStreamSummary", "{\"StreamName\":\"s\"}"));

        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nContent-Type: application/x-amz-json-1.1\r\n")
                .contains("\"StreamCreationTimestamp\":1795168800.123,");
    }

    @Test
    void namesTheErrorInBodyAndHeader() throws IOException {
        String answer = exchange(request("DescribeStreamSummary", "{\"StreamName\":\"s\"}"));

        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .contains("\r\nx-amzn-ErrorType: ResourceNotFoundException\r\n")
                .endsWith("{\"__type\":\"ResourceNotFoundException\",\"message\":\"Stream s under account 000000000000"
                        + " not found.\"}");
    }

    @Test
    void refusesWhatItDoesNotUnderstand() throws IOException {
        assertThat(exchange(request("NoSuchOperation", "{}"))).contains("\"__type\":\"UnknownOperationException\"");
        assertThat(exchange(request("ListShards", "{"))).contains("\"__type\":\"SerializationException\"");
        assertThat(exchange(request("ListShards", "[]"))).contains("\"__type\":\"SerializationException\"");
        assertThat(exchange(request("ListShards", "{}"))).contains("\"__type\":\"InvalidArgumentException\"");
        assertThat(exchange(request("ListShards", "{\"NextToken\":\"!\"}"))).contains("InvalidArgumentException");
        assertThat(exchange(request("PutRecord", "{\"StreamName\":\"s\"}"))).contains("ResourceNotFoundException");
        server.stream("s", 1);
        assertThat(exchange(request("PutRecord", "{\"StreamName\":\"s\",\"PartitionKey\":\"k\"}")))
                .contains("\"__type\":\"ValidationException\"")
                .contains("Value null at 'data' failed to satisfy constraint: Member must not be null");
        assertThat(exchange(request("PutRecord", "{\"StreamName\":\"s\",\"PartitionKey\":\"k\",\"Data\":\"%\"}")))
                .contains("\"__type\":\"SerializationException\"");
    }

    @Test
    void takesRequestsInChunks() throws IOException {
        server.stream("s", 1);
        String answer = exchange(String.join(
                "\r\n",
                "POST / HTTP/1.1",
                "Host: x",
                "Content-Type: application/x-amz-json-1.1",
                "X-Amz-Target: Kinesis_20131202.ListShards",
                "Transfer-Encoding: chunked",
                "Connection: close",
                "",
                "6",
                "{\"Stre",
                "c;x=y",
                "amName\":\"s\"}",
                "0",
                "",
                ""));

        assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").contains("\"ShardId\":\"shardId-000000000000\"");
    }

    @Test
    void closesTheConnectionOnWhatIsNoHttp() throws IOException {
        assertThat(exchange("nonsense\r\n\r\n")).isEmpty();
        assertThat(exchange("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n")).isEmpty();
        assertThat(exchange("POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n"))
                .isEmpty();
    }

    @Test
    void sendsHalfOfAnAnswerThatItAnnouncesAsAWhole() throws IOException {
        server.stream("s", 1);
        server.faults().at(KinesisCalls.LIST_SHARDS).next(new Fault.AnswerCut());

        String cut = exchange(request("ListShards", "{\"StreamName\":\"s\"}"));
        String whole = exchange(request("ListShards", "{\"StreamName\":\"s\"}"));

        String body = whole.substring(whole.indexOf("\r\n\r\n") + 4);
        assertThat(cut)
                .contains("Content-Length: " + body.length() + "\r\n")
                .endsWith("\r\n\r\n" + body.substring(0, body.length() / 2));
    }
}
