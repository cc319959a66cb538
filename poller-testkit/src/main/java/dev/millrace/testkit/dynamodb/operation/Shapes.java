package dev.millrace.testkit.dynamodb.operation;

import dev.millrace.invoke.Payload;
import dev.millrace.testkit.dynamodb.model.Change;
import dev.millrace.testkit.dynamodb.model.ChangeStream;
import dev.millrace.testkit.dynamodb.model.ShardDescription;
import dev.millrace.testkit.dynamodb.model.StoredChange;
import dev.millrace.testkit.wire.Answer;
import dev.millrace.testkit.wire.Fields;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The objects that answers have in them. */
final class Shapes {

    private Shapes() {}

    static Answer stream(ChangeStream.Head head) {
        return fields -> {
            fields.text("StreamArn", head.arn());
            fields.text("TableName", head.table());
            fields.text("StreamLabel", head.label());
        };
    }

    /** All of a stream's description but its shards. */
    static void describe(ChangeStream stream, Fields fields) throws IOException {
        ChangeStream.Head head = stream.head();
        stream(head).writeTo(fields);
        fields.text("StreamStatus", stream.isEnabled() ? "ENABLED" : "DISABLED");
        fields.text("StreamViewType", head.view().toString());
        fields.time("CreationRequestDateTime", head.created());
        List<String> names = head.keyNames();
        fields.objects("KeySchema", IntStream.range(0, names.size()).boxed().toList(), i -> key -> {
            key.text("AttributeName", names.get(i));
            key.text("KeyType", i == 0 ? "HASH" : "RANGE");
        });
    }

    static Answer shard(ShardDescription shard) {
        return fields -> {
            fields.text("ShardId", shard.shardId());
            fields.object("SequenceNumberRange", numbers -> {
                numbers.text("StartingSequenceNumber", shard.starting());
                numbers.text("EndingSequenceNumber", shard.ending());
            });
            fields.text("ParentShardId", shard.parent());
        };
    }

    static Answer record(StoredChange stored, ChangeStream.Head head, String region) {
        Change change = stored.change();
        return fields -> {
            fields.text("eventID", stored.eventId());
            fields.text("eventName", change.operation().toString());
            fields.text("eventVersion", "1.1");
            fields.text("eventSource", "aws:dynamodb");
            fields.text("awsRegion", region);
            fields.object("dynamodb", item -> {
                // Whole seconds, as AWS has them.
                item.number("ApproximateCreationDateTime", change.time().getEpochSecond());
                item(item, "Keys", change.keys());
                item(item, "NewImage", change.newImage());
                item(item, "OldImage", change.oldImage());
                item.text("SequenceNumber", stored.sequenceNumber());
                item.number("SizeBytes", stored.size());
                item.text("StreamViewType", head.view().toString());
            });
            if (change.expired()) {
                fields.object("userIdentity", identity -> {
                    identity.text("PrincipalId", "dynamodb.amazonaws.com");
                    identity.text("Type", "Service");
                });
            }
        };
    }

    private static void item(Fields fields, String name, @Nullable Map<String, AttributeValue> attributes)
            throws IOException {
        if (attributes != null) {
            fields.object(name, attributes(attributes));
        }
    }

    private static Answer attributes(Map<String, AttributeValue> attributes) {
        return fields -> {
            for (Map.Entry<String, AttributeValue> attribute : attributes.entrySet()) {
                fields.object(attribute.getKey(), attribute(attribute.getValue()));
            }
        };
    }

    private static Answer attribute(AttributeValue value) {
        return switch (value.type()) {
            case S -> fields -> fields.text("S", value.s());
            case N -> fields -> fields.text("N", value.n());
            case B -> fields -> fields.bytes("B", Payload.of(value.b().asByteArrayUnsafe()));
            case SS -> fields -> fields.texts("SS", value.ss());
            case NS -> fields -> fields.texts("NS", value.ns());
            case BS ->
                fields -> fields.texts(
                        "BS",
                        value.bs().stream()
                                .map(bytes -> Base64.getEncoder().encodeToString(bytes.asByteArrayUnsafe()))
                                .toList());
            case M -> fields -> fields.object("M", attributes(value.m()));
            case L -> fields -> fields.objects("L", value.l(), Shapes::attribute);
            case BOOL -> fields -> fields.flag("BOOL", value.bool());
            case NUL -> fields -> fields.flag("NULL", true);
            case UNKNOWN_TO_SDK_VERSION -> throw new IllegalArgumentException("an attribute without a value");
        };
    }
}
