package dev.millrace.testkit.destination;

import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** As much of SNS as a publisher sees: topics that keep what is published, and a fault on cue. Thread-safe. */
public final class SnsServer implements AutoCloseable {

    /** SNS's own limit. */
    public static final int LARGEST_MESSAGE = 262_144;

    private static final String NAMESPACE = "xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"";

    private final FaultyFront front = new FaultyFront(this::answer, SnsServer::error);

    // Guarded by this, as everything below: messages by topic ARN.
    private final Map<String, List<String>> topics = new HashMap<>();
    private int largestMessage = LARGEST_MESSAGE;

    /** Where it answers. */
    public URI endpoint() {
        return front.endpoint();
    }

    /** Adds a topic; answers its ARN. */
    public synchronized String createTopic(String name) {
        String arn = "arn:aws:sns:us-east-1:000000000000:" + name;
        topics.putIfAbsent(arn, new ArrayList<>());
        return arn;
    }

    /** Everything that was published to the topic, oldest first. */
    public synchronized List<String> messages(String topicArn) {
        return List.copyOf(topics.getOrDefault(topicArn, List.of()));
    }

    /** Refuses larger messages from now on. */
    public synchronized void limit(int bytes) {
        largestMessage = bytes;
    }

    /** From now on every call suffers the fault. */
    public void always(ServiceFault fault) {
        front.always(fault);
    }

    /** So many calls suffer the fault. */
    public void next(int calls, ServiceFault fault) {
        front.next(calls, fault);
    }

    /** Nothing goes wrong any more. */
    public void heal() {
        front.heal();
    }

    /** Every request so far. */
    public List<FunctionCall> calls() {
        return front.server().calls();
    }

    private FunctionAnswer answer(FunctionCall call) {
        Map<String, String> form = form(call.text());
        if (!"Publish".equals(form.get("Action"))) {
            return error(400, "InvalidAction");
        }
        return publish(form.getOrDefault("TopicArn", ""), form.getOrDefault("Message", ""));
    }

    private synchronized FunctionAnswer publish(String topic, String message) {
        List<String> messages = topics.get(topic);
        if (messages == null) {
            return error(404, "NotFound", "Topic does not exist");
        }
        if (message.getBytes(StandardCharsets.UTF_8).length > largestMessage) {
            return error(400, "InvalidParameter", "Invalid parameter: Message too long");
        }
        messages.add(message);
        return xml(
                200,
                "<PublishResponse " + NAMESPACE + "><PublishResult><MessageId>" + UUID.randomUUID()
                        + "</MessageId></PublishResult><ResponseMetadata><RequestId>" + UUID.randomUUID()
                        + "</RequestId></ResponseMetadata></PublishResponse>");
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : body.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                form.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return form;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static FunctionAnswer error(int status, String code) {
        return error(status, code, "says the test server");
    }

    private static FunctionAnswer error(int status, String code, String message) {
        return xml(
                status,
                "<ErrorResponse " + NAMESPACE + "><Error><Type>" + (status < 500 ? "Sender" : "Receiver")
                        + "</Type><Code>" + code + "</Code><Message>" + message + "</Message></Error><RequestId>"
                        + UUID.randomUUID() + "</RequestId></ErrorResponse>");
    }

    private static FunctionAnswer xml(int status, String body) {
        return FunctionAnswer.status(status, body).header("Content-Type", "text/xml");
    }

    @Override
    public void close() {
        front.close();
    }
}
