package dev.millrace.bench.server.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.bench.server.HttpConnection;
import dev.millrace.bench.server.HttpLoop;
import dev.millrace.bench.server.HttpRequest;
import dev.millrace.bench.server.HttpResponse;
import dev.millrace.bench.server.HttpService;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A stand-in for DynamoDB that holds the lease table of one Kinesis Client Library worker, in memory and on one thread: the
 * calls that this worker makes, and no others. {@code GET /stats} tells how many of each.
 *
 * <p>It believes every condition of a write, because one worker that nobody disturbs never fails one.
 */
public final class CannedDynamoDb implements HttpService {
    private static final String ACTION_PREFIX = "DynamoDB_20120810.";
    private static final String JSON = "application/x-amz-json-1.0";

    private final ObjectMapper mapper = new ObjectMapper();
    private final Map<String, LeaseTable> tables = new HashMap<>();
    private final Map<String, Integer> calls = new TreeMap<>();

    /** Serves on a free port of the loopback address and prints it as {@code READY port}; runs until killed. */
    public static void main(String[] args) throws IOException {
        try (HttpLoop loop = new HttpLoop(0, new CannedDynamoDb())) {
            System.out.println("READY " + loop.port());
            loop.run();
        }
    }

    @Override
    public void serve(HttpRequest request, HttpConnection connection) {
        if (request.isGet()) {
            respond(connection, HttpResponse.json(mapper.valueToTree(calls).toString()));
            return;
        }
        String target = request.header("x-amz-target");
        String action = target.startsWith(ACTION_PREFIX) ? target.substring(ACTION_PREFIX.length()) : target;
        calls.merge(action, 1, Integer::sum);
        try {
            JsonNode body =
                    mapper.readTree(request.bytes(), request.bodyStart(), request.bodyEnd() - request.bodyStart());
            respond(connection, answer(action, body));
        } catch (IOException e) {
            respond(connection, refusal("SerializationException", e.toString()));
        }
    }

    private byte[] answer(String action, JsonNode request) {
        String name = request.path("TableName").asText();
        if (action.equals("CreateTable")) {
            LeaseTable created = tables.computeIfAbsent(name, n -> new LeaseTable(request));
            return success(mapper.createObjectNode().set("TableDescription", created.description()));
        }
        LeaseTable table = tables.get(name);
        if (table == null) {
            return refusal("ResourceNotFoundException", "no table " + name);
        }
        return switch (action) {
            case "DescribeTable" -> success(mapper.createObjectNode().set("Table", table.description()));
            case "GetItem" -> success(item("Item", table.get(request.path("Key"))));
            case "PutItem" -> {
                table.put((ObjectNode) request.path("Item"));
                yield success(mapper.createObjectNode());
            }
            case "UpdateItem" -> success(item("Attributes", table.update(request)));
            case "Scan", "Query" -> {
                ArrayNode items = table.find(request);
                ObjectNode found = mapper.createObjectNode().put("Count", items.size());
                yield success(found.set("Items", items));
            }
            default -> {
                System.err.println("unknown action: " + action);
                yield refusal("ValidationException", "not canned: " + action);
            }
        };
    }

    private ObjectNode item(String name, ObjectNode item) {
        ObjectNode answer = mapper.createObjectNode();
        return item.isEmpty() ? answer : answer.set(name, item);
    }

    private static byte[] success(JsonNode body) {
        return HttpResponse.of("200 OK", JSON, body.toString());
    }

    private byte[] refusal(String type, String message) {
        ObjectNode body = mapper.createObjectNode()
                .put("__type", "com.amazonaws.dynamodb.v20120810#" + type)
                .put("message", message);
        return HttpResponse.of("400 Bad Request", JSON, body.toString());
    }

    private static void respond(HttpConnection connection, byte[] response) {
        connection.respond(response, response.length);
    }
}
