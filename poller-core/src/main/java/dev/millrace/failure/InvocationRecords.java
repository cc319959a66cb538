package dev.millrace.failure;

import dev.millrace.batch.JsonBuffer;
import dev.millrace.batch.RecordsEvent;
import dev.millrace.batch.WindowCall;
import dev.millrace.batch.WindowEvent;
import dev.millrace.invoke.Payload;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.StreamRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** Writes the invocation records of one mapping's discards, byte for byte as AWS does (spec 4.6). Immutable. */
public final class InvocationRecords {

    /** AWS writes three digits, also where they are zeros. */
    private static final DateTimeFormatter MILLISECONDS = utc("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");

    private static final DateTimeFormatter SECONDS = utc("uuuu-MM-dd'T'HH:mm:ss'Z'");

    /** Metadata take this much, give or take the length of names. */
    private static final int USUAL_BYTES = 1_024;

    /** What differs between the streams: the name of the batch's description, and how exact its times are. */
    private enum Form {
        KINESIS(",\"KinesisBatchInfo\":{\"shardId\":", MILLISECONDS),
        DYNAMODB(",\"DDBStreamBatchInfo\":{\"shardId\":", SECONDS);

        private final String batchInfo;
        private final DateTimeFormatter arrival;

        Form(String batchInfo, DateTimeFormatter arrival) {
            this.batchInfo = batchInfo;
            this.arrival = arrival;
        }
    }

    private final UUID mapping;
    private final String functionArn;
    private final String streamArn;
    private final Form form;

    /**
     * For the discards of this mapping, which is one of a stream.
     *
     * @param streamArn the stream itself, also where the mapping's ARN stands for several
     */
    public InvocationRecords(EventSourceMapping mapping, String streamArn) {
        this.mapping = mapping.uuid();
        this.functionArn = mapping.function().qualifiedArn();
        this.streamArn = streamArn;
        this.form = switch (mapping.kind()) {
            case KINESIS -> Form.KINESIS;
            case DYNAMODB_STREAMS -> Form.DYNAMODB;
            case SQS_STANDARD, SQS_FIFO ->
                throw new IllegalArgumentException("queues have no discards: " + mapping.eventSourceArn());
        };
    }

    private static DateTimeFormatter utc(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }

    /**
     * The record of a discard.
     *
     * @param id of the discard, the same at every attempt to tell of it; also stands for the request id when there was no
     *     invocation
     */
    public InvocationRecord of(Discard discard, UUID id) {
        return new InvocationRecord(
                id, mapping, discard.shardId(), discard.at(), document(discard, id), event(discard));
    }

    /** What the function was, or would have been, invoked with. */
    private Payload event(Discard discard) {
        List<Payload> records =
                discard.records().stream().map(StreamRecord::json).toList();
        WindowCall window = discard.window();
        return window == null
                ? RecordsEvent.of(records)
                : WindowEvent.of(records, window, discard.shardId(), streamArn);
    }

    private Payload document(Discard discard, UUID id) {
        JsonBuffer out = new JsonBuffer(USUAL_BYTES);
        requestContext(discard, id, out);
        responseContext(discard, out);
        raw(",\"version\":\"1.0\",\"timestamp\":", out);
        time(discard.at(), MILLISECONDS, out);
        batchInfo(discard, out);
        return Payload.of(out.raw('}').take());
    }

    private void requestContext(Discard discard, UUID id, JsonBuffer out) {
        LastInvocation last = discard.last();
        raw("{\"requestContext\":{\"requestId\":", out);
        out.string(last == null ? id.toString() : last.requestId());
        raw(",\"functionArn\":", out);
        out.string(functionArn);
        raw(",\"condition\":", out);
        out.string(discard.reason().condition());
        // AWS says 1 also of what it never invoked.
        raw(",\"approximateInvokeCount\":" + Math.max(1, discard.invocations()) + "}", out);
    }

    /** AWS has none for records that were too old, though the function may have been invoked with them before. */
    private static void responseContext(Discard discard, JsonBuffer out) {
        LastInvocation last = discard.last();
        if (last == null || discard.reason() == DiscardReason.RECORD_AGE_EXCEEDED) {
            return;
        }
        raw(",\"responseContext\":{\"statusCode\":200,\"executedVersion\":", out);
        out.string(last.executedVersion());
        raw(",\"functionError\":", out);
        String error = last.functionError();
        if (error == null) {
            raw("null", out);
        } else {
            out.string(error);
        }
        out.raw('}');
    }

    private void batchInfo(Discard discard, JsonBuffer out) {
        StreamRecord first = discard.records().getFirst();
        StreamRecord last = discard.records().getLast();
        raw(form.batchInfo, out);
        out.string(discard.shardId());
        raw(",\"startSequenceNumber\":", out);
        out.string(first.sequenceNumber().toString());
        raw(",\"endSequenceNumber\":", out);
        out.string(last.sequenceNumber().toString());
        raw(",\"approximateArrivalOfFirstRecord\":", out);
        time(first.arrival(), form.arrival, out);
        raw(",\"approximateArrivalOfLastRecord\":", out);
        time(last.arrival(), form.arrival, out);
        raw(",\"batchSize\":" + discard.records().size() + ",\"streamArn\":", out);
        out.string(streamArn).raw('}');
    }

    private static void time(Instant instant, DateTimeFormatter form, JsonBuffer out) {
        out.string(form.format(instant));
    }

    private static void raw(String json, JsonBuffer out) {
        out.raw(json.getBytes(StandardCharsets.US_ASCII));
    }
}
