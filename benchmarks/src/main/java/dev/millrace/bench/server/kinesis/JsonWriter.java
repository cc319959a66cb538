package dev.millrace.bench.server.kinesis;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** JSON 1.1 as AWS writes it: binary as base64, times as seconds with a fraction. */
final class JsonWriter extends WireWriter {
    @Override
    void beginMap(int members) {
        octet('{');
    }

    @Override
    void endMap() {
        octet('}');
    }

    @Override
    void name(String name, boolean first) {
        beginItem(first);
        text(name);
        octet(':');
    }

    @Override
    void beginList() {
        octet('[');
    }

    @Override
    void beginItem(boolean first) {
        if (!first) {
            octet(',');
        }
    }

    @Override
    void endList() {
        octet(']');
    }

    @Override
    void text(String value) {
        ascii("\"" + value + "\"");
    }

    @Override
    void number(long value) {
        ascii(Long.toString(value));
    }

    @Override
    void flag(boolean value) {
        ascii(Boolean.toString(value));
    }

    @Override
    void binary(byte[] value) {
        text(Base64.getEncoder().encodeToString(value));
    }

    @Override
    void time(long epochMillis) {
        raw(seconds(epochMillis));
    }

    @Override
    int textOffset(int letters) {
        return size() + 1;
    }

    /** {@code 1767322800.123}. */
    static byte[] seconds(long epochMillis) {
        return "%d.%03d".formatted(epochMillis / 1_000, epochMillis % 1_000).getBytes(StandardCharsets.US_ASCII);
    }
}
