package dev.millrace.testkit.service;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.invoke.Payload;
import dev.millrace.testkit.wire.Protocol;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The members of a request, or of an object in it. */
public final class Request {

    private final Protocol protocol;
    private final JsonNode members;

    private Request(Protocol protocol, JsonNode members) {
        this.protocol = protocol;
        this.members = members;
    }

    /** Reads a request's body. */
    public static Request read(Protocol protocol, Payload body) {
        try {
            JsonNode members = protocol.read(body);
            if (members.isObject()) {
                return new Request(protocol, members);
            }
        } catch (IOException e) {
            throw new Refusal(400, "SerializationException", String.valueOf(e.getMessage()));
        }
        throw new Refusal(400, "SerializationException", "The request is no object.");
    }

    /** Whether the member is there and has a value. */
    public boolean has(String name) {
        return members.hasNonNull(name);
    }

    public Optional<String> text(String name) {
        return has(name) ? Optional.of(members.get(name).asText()) : Optional.empty();
    }

    public String requiredText(String name) {
        return text(name).orElseThrow(() -> missing(name));
    }

    /** A number within these bounds, or the given one when the member is not there. */
    public int number(String name, int unset, int smallest, int largest) {
        if (!has(name)) {
            return unset;
        }
        long value = members.get(name).asLong(Long.MIN_VALUE);
        if (value < smallest || value > largest) {
            throw Refusal.validation(
                    "1 validation error detected: Value '" + members.get(name).asText() + "' at '"
                            + lower(name) + "' failed to satisfy constraint: Member must have value between " + smallest
                            + " and " + largest);
        }
        return (int) value;
    }

    /** A number within these bounds that must be there. */
    public int requiredNumber(String name, int smallest, int largest) {
        if (!has(name)) {
            throw missing(name);
        }
        return number(name, smallest, smallest, largest);
    }

    public Payload requiredBytes(String name) {
        if (!has(name)) {
            throw missing(name);
        }
        try {
            byte[] bytes = members.get(name).binaryValue();
            if (bytes != null) {
                return Payload.of(bytes);
            }
        } catch (IOException e) {
            throw new Refusal(400, "SerializationException", String.valueOf(e.getMessage()));
        }
        throw new Refusal(400, "SerializationException", name + " is not binary.");
    }

    /** A time: milliseconds in CBOR, seconds with a fraction in JSON. */
    public Optional<Instant> time(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = members.get(name);
        boolean millis = protocol == Protocol.CBOR && value.isIntegralNumber();
        BigDecimal scaled = millis ? value.decimalValue() : value.decimalValue().movePointRight(3);
        return Optional.of(Instant.ofEpochMilli(scaled.longValue()));
    }

    public Optional<Request> object(String name) {
        return has(name) ? Optional.of(new Request(protocol, members.get(name))) : Optional.empty();
    }

    public Request requiredObject(String name) {
        return object(name).orElseThrow(() -> missing(name));
    }

    public List<Request> objects(String name) {
        List<Request> all = new ArrayList<>();
        for (JsonNode element : members.path(name)) {
            all.add(new Request(protocol, element));
        }
        return all;
    }

    private static Refusal missing(String name) {
        return Refusal.validation("1 validation error detected: Value null at '" + lower(name)
                + "' failed to satisfy constraint: Member must not be null");
    }

    private static String lower(String name) {
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
}
