package dev.millrace.dynamodbstore;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;

/** What other nodes, or people, do to a table between two calls of a client. */
final class MeddledTable {

    private MeddledTable() {}

    /** Called with each request before it is sent, which it may fail. */
    interface Meddler {
        void before(DynamoDbRequest request) throws Exception;
    }

    static DynamoDbClient meddled(DynamoDbClient client, Meddler meddler) {
        return (DynamoDbClient) Proxy.newProxyInstance(
                DynamoDbClient.class.getClassLoader(),
                new Class<?>[] {DynamoDbClient.class},
                (_, method, arguments) -> {
                    if (arguments != null && arguments[0] instanceof DynamoDbRequest request) {
                        meddler.before(request);
                    }
                    try {
                        return method.invoke(client, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
