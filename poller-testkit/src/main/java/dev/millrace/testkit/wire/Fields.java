package dev.millrace.testkit.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import dev.millrace.invoke.Payload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes the members of one object after the other. A member without a value is left out, as AWS does. */
public final class Fields {

    /** CBOR's tag of an epoch time; AWS counts milliseconds behind it, against the standard's seconds. */
    private static final int EPOCH = 1;

    private final Protocol protocol;
    private final JsonGenerator out;

    private Fields(Protocol protocol, JsonGenerator out) {
        this.protocol = protocol;
        this.out = out;
    }

    static Payload write(Protocol protocol, JsonFactory factory, Answer answer) {
        try (ByteArrayBuilder bytes = new ByteArrayBuilder();
                JsonGenerator generator = factory.createGenerator(bytes)) {
            new Fields(protocol, generator).object(answer);
            generator.flush();
            return Payload.of(bytes.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void text(String name, @Nullable String value) throws IOException {
        if (value != null) {
            out.writeStringField(name, value);
        }
    }

    public void number(String name, long value) throws IOException {
        out.writeNumberField(name, value);
    }

    public void flag(String name, boolean value) throws IOException {
        out.writeBooleanField(name, value);
    }

    public void bytes(String name, Payload value) throws IOException {
        out.writeBinaryField(name, value.bytes());
    }

    /** A time, to the millisecond. */
    public void time(String name, Instant value) throws IOException {
        out.writeFieldName(name);
        switch (protocol) {
            case CBOR -> {
                ((CBORGenerator) out).writeTag(EPOCH);
                out.writeNumber(value.toEpochMilli());
            }
            case JSON_1_0, JSON -> out.writeNumber(BigDecimal.valueOf(value.toEpochMilli(), 3));
        }
    }

    public void object(String name, Answer value) throws IOException {
        out.writeFieldName(name);
        object(value);
    }

    public <T> void objects(String name, Collection<T> values, Function<T, Answer> each) throws IOException {
        out.writeArrayFieldStart(name);
        for (T value : values) {
            object(each.apply(value));
        }
        out.writeEndArray();
    }

    public void texts(String name, Collection<String> values) throws IOException {
        out.writeArrayFieldStart(name);
        for (String value : values) {
            out.writeString(value);
        }
        out.writeEndArray();
    }

    private void object(Answer value) throws IOException {
        out.writeStartObject();
        value.writeTo(this);
        out.writeEndObject();
    }
}
