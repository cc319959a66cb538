package dev.millrace.daemon.it.policies;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.daemon.it.Daemons;
import dev.millrace.daemon.it.StreamScene;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One mapping of all of a stream, with a function and an on-failure destination of its own.
 *
 * @param name of the function
 * @param arn the source
 * @param members more of the mapping, as YAML has members in braces
 * @param destination takes what is given up, with the event
 */
record PolicyCase(String name, String arn, String members, FunctionServer function, FunctionServer destination)
        implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Above what a test holds an answer back for. */
    private static final int TIMEOUT_SECONDS = 120;

    static PolicyCase of(String name, String arn, String members) {
        return new PolicyCase(name, arn, members, FunctionServer.start(), FunctionServer.start());
    }

    String functionSection() {
        return Daemons.function(name, TIMEOUT_SECONDS, function.url().toString());
    }

    /** What the case does not set itself: all of the stream, the destination, as quick as may be. */
    String mappingSection() {
        String all = unlessSet("StartingPosition", "TRIM_HORIZON")
                + unlessSet("DestinationConfig", "{OnFailure: {Destination: \"" + destination.url() + "\"}}")
                + (members.contains("Millrace:") ? "" : StreamScene.QUICK + ", ");
        return Daemons.mapping(arn, name, all + members);
    }

    private String unlessSet(String member, String value) {
        return members.contains(member + ":") ? "" : member + ": " + value + ", ";
    }

    /** What the destination was told so far. */
    List<ObjectNode> discards() throws IOException {
        List<ObjectNode> discards = new ArrayList<>();
        for (FunctionCall call : destination.calls()) {
            discards.add((ObjectNode) JSON.readTree(call.body().bytes()));
        }
        return discards;
    }

    /** What the function knows an invocation by, counted from 0. */
    String requestId(int invocation) {
        return function.calls().get(invocation).header("X-Amzn-RequestId").orElseThrow();
    }

    @Override
    public void close() {
        function.close();
        destination.close();
    }
}
