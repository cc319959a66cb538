package dev.millrace.emulator.dynamodb;

import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBRequestHandler;
import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBServerHandler;
import com.amazonaws.services.dynamodbv2.local.shared.access.AmazonDynamoDBLocal;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * DynamoDB Local on a free port of loopback, tables in memory and the same for all credentials and regions. Its own launcher
 * would listen on every interface, on a port that somebody has to choose, and switch its telemetry on unless told otherwise.
 */
final class LocalServer {

    private static final int NO_AUTHORITY = 0;

    private final Server jetty;
    private final LocalDynamoDBRequestHandler requests;

    private LocalServer(Server jetty, LocalDynamoDBRequestHandler requests) {
        this.jetty = jetty;
        this.requests = requests;
    }

    static LocalServer start() throws Exception {
        LocalDynamoDBRequestHandler requests = new LocalDynamoDBRequestHandler(NO_AUTHORITY, true, null, true, false);
        Server jetty = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        jetty.setHandler(new LocalDynamoDBServerHandler(requests, null));
        jetty.start();
        return new LocalServer(jetty, requests);
    }

    int port() {
        return ((ServerConnector) jetty.getConnectors()[0]).getLocalPort();
    }

    /** Closes every open shard of every table's stream, and opens one that follows it. */
    void rollOver() {
        databases().values().forEach(AmazonDynamoDBLocal::triggerShardRollovers);
    }

    /** The databases behind the request handler, which are made by the first request and which it keeps to itself. */
    @SuppressWarnings("unchecked") // So the field is declared.
    private Map<String, AmazonDynamoDBLocal> databases() {
        try {
            Field field = LocalDynamoDBRequestHandler.class.getDeclaredField("dbRequestHandlers");
            field.setAccessible(true);
            return (Map<String, AmazonDynamoDBLocal>) field.get(requests);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of DynamoDB Local keeps its databases elsewhere", e);
        }
    }
}
