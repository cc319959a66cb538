package dev.millrace.testkit.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.millrace.invoke.Payload;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** One of the encodings of requests and answers. To Kinesis, the AWS SDK for Java speaks CBOR unless told otherwise. */
public enum Protocol {
    /** DynamoDB's. */
    JSON_1_0("application/x-amz-json-1.0"),
    /** Kinesis's. */
    JSON("application/x-amz-json-1.1"),
    CBOR("application/x-amz-cbor-1.1");

    private static final ObjectMapper JSON_MAPPER = new ObjectMapper();
    private static final ObjectMapper CBOR_MAPPER = new ObjectMapper(new CBORFactory());

    private final String contentType;

    Protocol(String contentType) {
        this.contentType = contentType;
    }

    /** The protocol of this content type, whatever parameters it has. */
    public static Optional<Protocol> of(String contentType) {
        String type = contentType.split(";", 2)[0].strip();
        return Arrays.stream(values())
                .filter(protocol -> protocol.contentType.equalsIgnoreCase(type))
                .findFirst();
    }

    public String contentType() {
        return contentType;
    }

    /**
     * Reads a request.
     *
     * @throws IOException when it is not one value in this encoding
     */
    public JsonNode read(Payload body) throws IOException {
        return body.size() == 0 ? mapper().createObjectNode() : mapper().readTree(body.bytes());
    }

    /** Writes an answer. */
    public Payload write(Answer answer) {
        return Fields.write(this, mapper().getFactory(), answer);
    }

    private ObjectMapper mapper() {
        return switch (this) {
            case JSON_1_0, JSON -> JSON_MAPPER;
            case CBOR -> CBOR_MAPPER;
        };
    }
}
