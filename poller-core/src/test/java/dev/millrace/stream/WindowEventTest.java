package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.invoke.Payload;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowEventTest {

    private static final Instant START = Instant.parse("2026-01-02T03:04:00Z");

    /** The document of spec 5. */
    @Test
    void hasAwsMembersBehindTheRecords() {
        WindowCall call = new WindowCall(START, START.plusSeconds(120), Payload.ofText("{\"any\":1}"), false, false);

        Payload event = WindowEvent.of(
                List.of(Payload.ofText("{}"), Payload.ofText("{}")), call, "shardId-000000000006", "arn:aws:x");

        assertThat(event.text())
                .isEqualTo("{\"Records\":[{},{}],\"window\":{\"start\":\"2026-01-02T03:04:00Z\","
                        + "\"end\":\"2026-01-02T03:06:00Z\"},\"state\":{\"any\":1},"
                        + "\"shardId\":\"shardId-000000000006\",\"eventSourceARN\":\"arn:aws:x\","
                        + "\"isFinalInvokeForWindow\":false,\"isWindowTerminatedEarly\":false}");
    }

    @Test
    void theFinalInvocationHasNoRecords() {
        WindowCall call = new WindowCall(START, START.plusSeconds(60), Payload.ofText("{}"), true, true);

        assertThat(WindowEvent.of(List.of(), call, "s", "a").text())
                .startsWith("{\"Records\":[],\"window\":")
                .endsWith("\"isFinalInvokeForWindow\":true,\"isWindowTerminatedEarly\":true}");
    }
}
