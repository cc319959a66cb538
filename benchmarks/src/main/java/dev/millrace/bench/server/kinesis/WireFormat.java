package dev.millrace.bench.server.kinesis;

import dev.millrace.bench.server.HttpRequest;
import dev.millrace.bench.server.HttpResponse;
import dev.millrace.bench.server.JsonScan;
import java.nio.charset.StandardCharsets;

/** The two formats that Kinesis speaks; AWS's SDK for Java speaks CBOR unless told otherwise. */
enum WireFormat {
    JSON("application/x-amz-json-1.1", 0, ",", "]}") {
        @Override
        WireWriter writer() {
            return new JsonWriter();
        }

        @Override
        byte[] time(long epochMillis) {
            return JsonWriter.seconds(epochMillis);
        }

        @Override
        String text(HttpRequest request, String name) {
            JsonScan scan = scan(request);
            return scan.next(JsonScan.quoted(name)) ? scan.string() : "";
        }

        @Override
        int number(HttpRequest request, String name, int otherwise) {
            JsonScan scan = scan(request);
            return scan.next(JsonScan.quoted(name)) ? scan.number() : otherwise;
        }

        private static JsonScan scan(HttpRequest request) {
            return new JsonScan(request.bytes(), request.bodyStart(), request.bodyEnd());
        }
    },

    CBOR("application/x-amz-cbor-1.1", 2, "", "\u00FF") {
        @Override
        WireWriter writer() {
            return new CborWriter();
        }

        @Override
        byte[] time(long epochMillis) {
            return CborWriter.millis(epochMillis);
        }

        @Override
        String text(HttpRequest request, String name) {
            CborScan scan = new CborScan(request);
            return scan.next(name) ? scan.string() : "";
        }

        @Override
        int number(HttpRequest request, String name, int otherwise) {
            CborScan scan = new CborScan(request);
            return scan.next(name) ? scan.number() : otherwise;
        }
    };

    private final String contentType;
    private final int timePrefix;
    private final String separator;
    /** Each letter one byte. */
    private final String end;

    WireFormat(String contentType, int timePrefix, String separator, String end) {
        this.contentType = contentType;
        this.timePrefix = timePrefix;
        this.separator = separator;
        this.end = end;
    }

    /** The one that this request's body is in. */
    static WireFormat of(HttpRequest request) {
        return request.header("content-type").contains("cbor") ? CBOR : JSON;
    }

    abstract WireWriter writer();

    /** The bytes of a time stamp that change from one time to the next. */
    abstract byte[] time(long epochMillis);

    /** How far behind a time stamp's beginning they stand. */
    int timePrefix() {
        return timePrefix;
    }

    /** How many bytes stand between the items of a list. */
    int separatorLength() {
        return separator.length();
    }

    /** What ends a list that is the last member of the outermost map, and that map. */
    byte[] end() {
        return end.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The text in the request's member {@code name}, or the empty string. */
    abstract String text(HttpRequest request, String name);

    /** The whole number in the request's member {@code name}. */
    abstract int number(HttpRequest request, String name, int otherwise);

    /** A whole response. */
    byte[] response(String status, Object body) {
        WireWriter writer = writer();
        writer.value(body);
        return HttpResponse.of(status, contentType, writer.toByteArray());
    }

    /** The head of a successful response; see {@link HttpResponse#writeLength}. */
    byte[] head() {
        return HttpResponse.head("200 OK", contentType);
    }
}
