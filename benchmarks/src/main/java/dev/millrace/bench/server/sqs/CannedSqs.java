package dev.millrace.bench.server.sqs;

import dev.millrace.bench.server.HttpConnection;
import dev.millrace.bench.server.HttpLoop;
import dev.millrace.bench.server.HttpRequest;
import dev.millrace.bench.server.HttpResponse;
import dev.millrace.bench.server.HttpService;
import dev.millrace.bench.server.JsonScan;
import dev.millrace.bench.server.sqs.CannedQueue.Receive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A stand-in for SQS that costs almost nothing: AWS's JSON 1.0 protocol, answers built in advance, one thread. Queues
 * exist as soon as they are named, see {@link CannedQueue#named}. {@code GET /stats} tells what was counted.
 *
 * <p>It forgets messages once they were handed out: no redelivery, no check of receipt handles, no signature check.
 */
public final class CannedSqs implements HttpService {
    private static final String JSON = "application/x-amz-json-1.0";
    private static final String ACTION_PREFIX = "AmazonSQS.";
    private static final byte[] QUEUE_URL = JsonScan.quoted("QueueUrl");
    private static final byte[] QUEUE_NAME = JsonScan.quoted("QueueName");
    private static final byte[] MAXIMUM = JsonScan.quoted("MaxNumberOfMessages");
    private static final byte[] WAIT_TIME = JsonScan.quoted("WaitTimeSeconds");
    private static final byte[] ID = JsonScan.quoted("Id");
    private static final byte[] EMPTY_ANSWER = json("200 OK", "{}");
    private static final String ACCOUNT = "000000000000";

    private final CannedMessages messages = new CannedMessages();
    private final SqsCounters counters = new SqsCounters();
    private final Map<String, CannedQueue> queues = new HashMap<>();
    private final BatchAnswer batchAnswer = new BatchAnswer();

    /** Serves on a free port of the loopback address and prints it as {@code READY port}; runs until killed. */
    public static void main(String[] args) throws IOException {
        try (HttpLoop loop = new HttpLoop(0, new CannedSqs())) {
            System.out.println("READY " + loop.port());
            loop.run();
        }
    }

    @Override
    public void serve(HttpRequest request, HttpConnection connection) {
        if (request.isGet()) {
            respond(connection, HttpResponse.json(counters.toJson()));
            return;
        }
        String target = request.header("x-amz-target");
        switch (target.startsWith(ACTION_PREFIX) ? target.substring(ACTION_PREFIX.length()) : "") {
            case "ReceiveMessage" -> receive(request, connection);
            case "DeleteMessageBatch" -> deleteBatch(request, connection);
            case "DeleteMessage" -> {
                counters.deletes++;
                counters.deletedMessages++;
                respond(connection, EMPTY_ANSWER);
            }
            case "ChangeMessageVisibilityBatch" -> {
                int length = batchAnswer.succeedAll(scan(request));
                counters.visibilityChanges += batchAnswer.entries();
                connection.respond(batchAnswer.bytes(), length);
            }
            case "ChangeMessageVisibility" -> {
                counters.visibilityChanges++;
                respond(connection, EMPTY_ANSWER);
            }
            case "GetQueueUrl" -> respond(connection, queueUrl(request));
            case "GetQueueAttributes" -> respond(connection, queueAttributes(request));
            default -> refuse(connection, target);
        }
    }

    private void receive(HttpRequest request, HttpConnection connection) {
        String name = queueName(request);
        JsonScan scan = scan(request);
        int maximum = scan.next(MAXIMUM) ? Math.clamp(scan.number(), 1, CannedMessages.MAX_MESSAGES) : 1;
        scan = scan(request);
        int waitSeconds = scan.next(WAIT_TIME) ? scan.number() : 0;
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
        counters.received(name);
        queues.computeIfAbsent(name, n -> CannedQueue.named(n, messages, counters))
                .receive(new Receive(connection, maximum, until));
    }

    private void deleteBatch(HttpRequest request, HttpConnection connection) {
        int length = batchAnswer.succeedAll(scan(request));
        counters.deletes++;
        counters.deletedMessages += batchAnswer.entries();
        connection.respond(batchAnswer.bytes(), length);
    }

    private byte[] queueUrl(HttpRequest request) {
        JsonScan scan = scan(request);
        String name = scan.next(QUEUE_NAME) ? scan.string() : "";
        String host = request.header("host");
        return json("200 OK", "{\"QueueUrl\":\"http://" + host + "/" + ACCOUNT + "/" + name + "\"}");
    }

    private byte[] queueAttributes(HttpRequest request) {
        return json(
                "200 OK",
                "{\"Attributes\":{\"QueueArn\":\"arn:aws:sqs:us-east-1:" + ACCOUNT + ":" + queueName(request)
                        + "\",\"VisibilityTimeout\":\"30\",\"ApproximateNumberOfMessages\":\"0\","
                        + "\"ApproximateNumberOfMessagesNotVisible\":\"0\","
                        + "\"ApproximateNumberOfMessagesDelayed\":\"0\",\"DelaySeconds\":\"0\","
                        + "\"ReceiveMessageWaitTimeSeconds\":\"0\",\"MaximumMessageSize\":\"1048576\","
                        + "\"MessageRetentionPeriod\":\"345600\",\"CreatedTimestamp\":\"1700000000\","
                        + "\"LastModifiedTimestamp\":\"1700000000\",\"SqsManagedSseEnabled\":\"true\"}}");
    }

    private void refuse(HttpConnection connection, String target) {
        counters.unknownActions++;
        System.err.println("unknown action: " + target);
        respond(
                connection,
                json(
                        "400 Bad Request",
                        "{\"__type\":\"com.amazonaws.sqs#UnsupportedOperation\",\"message\":\"not canned: " + target
                                + "\"}"));
    }

    private static String queueName(HttpRequest request) {
        JsonScan scan = scan(request);
        String url = scan.next(QUEUE_URL) ? scan.string() : "";
        return url.substring(url.lastIndexOf('/') + 1);
    }

    @Override
    public long nextTick() {
        long next = NEVER;
        for (CannedQueue queue : queues.values()) {
            long wanted = queue.nextTick();
            if (wanted != NEVER && (next == NEVER || wanted - next < 0)) {
                next = wanted;
            }
        }
        return next;
    }

    @Override
    public void tick(long now) {
        for (CannedQueue queue : queues.values()) {
            queue.tick(now);
        }
    }

    private static JsonScan scan(HttpRequest request) {
        return new JsonScan(request.bytes(), request.bodyStart(), request.bodyEnd());
    }

    private static byte[] json(String status, String body) {
        return HttpResponse.of(status, JSON, body);
    }

    private static void respond(HttpConnection connection, byte[] response) {
        connection.respond(response, response.length);
    }

    /** The answer to a batch call in which every entry succeeded, told by the ids that were sent. */
    private static final class BatchAnswer {
        private static final byte[] START = "{\"Failed\":[],\"Successful\":[".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] ENTRY = "{\"Id\":".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] END = "]}".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] HEAD = HttpResponse.head("200 OK", JSON);

        /** Room for ten entries; an id has at most 80 characters. */
        private final byte[] bytes = new byte[4096];

        private int entries;

        int succeedAll(JsonScan scan) {
            entries = 0;
            int at = append(START, append(HEAD, 0));
            while (scan.next(ID)) {
                if (entries++ > 0) {
                    bytes[at++] = ',';
                }
                at = scan.copyQuoted(bytes, append(ENTRY, at));
                bytes[at++] = '}';
            }
            int end = append(END, at);
            HttpResponse.writeLength(bytes, HEAD.length, end - HEAD.length);
            return end;
        }

        private int append(byte[] piece, int at) {
            System.arraycopy(piece, 0, bytes, at, piece.length);
            return at + piece.length;
        }

        byte[] bytes() {
            return bytes;
        }

        int entries() {
            return entries;
        }
    }
}
