package dev.millrace.testkit.kinesis.operation;

import dev.millrace.testkit.kinesis.model.DataStream;
import dev.millrace.testkit.kinesis.model.ShardDescription;
import dev.millrace.testkit.kinesis.model.ShardFilter;
import dev.millrace.testkit.service.Operation;
import dev.millrace.testkit.service.Refusal;
import dev.millrace.testkit.service.Request;
import dev.millrace.testkit.wire.Answer;
import dev.millrace.testkit.wire.Fields;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Creating, describing, changing and deleting streams. Everything is done when its answer is given. */
final class StreamOperations {

    private static final int KIB = 1024;
    private static final int SMALLEST_RECORD_LIMIT_KIB = 1024;
    private static final int LARGEST_RECORD_LIMIT_KIB = 10 * 1024;
    private static final int SHORTEST_RETENTION_HOURS = 24;
    private static final int LONGEST_RETENTION_HOURS = 8760;
    private static final int MOST_SHARDS = 100_000;
    private static final int MOST_LISTED = 10_000;
    private static final int USUALLY_LISTED = 100;
    private static final int SHARDS_OF_AN_ON_DEMAND_STREAM = 4;

    private final Service service;

    StreamOperations(Service service) {
        this.service = service;
    }

    Map<String, Operation> all() {
        Map<String, Operation> all = new HashMap<>();
        all.put("CreateStream", this::create);
        all.put("DeleteStream", this::delete);
        all.put("DescribeStream", this::describe);
        all.put("DescribeStreamSummary", this::summarise);
        all.put("ListStreams", this::list);
        all.put("IncreaseStreamRetentionPeriod", this::increaseRetention);
        all.put("DecreaseStreamRetentionPeriod", this::decreaseRetention);
        all.put("UpdateMaxRecordSize", this::updateMaxRecordSize);
        return all;
    }

    private Answer create(Request request) {
        String name = request.requiredText("StreamName");
        if (!name.matches("[a-zA-Z0-9_.-]{1,128}")) {
            throw Refusal.validation("1 validation error detected: Value '" + name
                    + "' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern:"
                    + " [a-zA-Z0-9_.-]+");
        }
        boolean onDemand = request.object("StreamModeDetails")
                .flatMap(mode -> mode.text("StreamMode"))
                .filter("ON_DEMAND"::equals)
                .isPresent();
        int shards = onDemand
                ? request.number("ShardCount", SHARDS_OF_AN_ON_DEMAND_STREAM, 1, MOST_SHARDS)
                : request.requiredNumber("ShardCount", 1, MOST_SHARDS);
        service.account().create(name, shards, (long) KIB * recordLimit(request));
        return Answer.EMPTY;
    }

    private static int recordLimit(Request request) {
        return request.number(
                "MaxRecordSizeInKiB", SMALLEST_RECORD_LIMIT_KIB, SMALLEST_RECORD_LIMIT_KIB, LARGEST_RECORD_LIMIT_KIB);
    }

    private Answer delete(Request request) {
        service.account().delete(service.stream(request));
        return Answer.EMPTY;
    }

    private Answer describe(Request request) {
        DataStream stream = service.stream(request);
        int limit = request.number("Limit", USUALLY_LISTED, 1, MOST_LISTED);
        String after = request.text("ExclusiveStartShardId").orElse("");
        List<ShardDescription> shards = stream.shards(new ShardFilter.AfterShardId(after));
        List<ShardDescription> page = shards.subList(0, Math.min(limit, shards.size()));
        return fields -> fields.object("StreamDescription", description -> {
            head(stream, description);
            description.objects("Shards", page, Shapes::shard);
            description.flag("HasMoreShards", page.size() < shards.size());
        });
    }

    private Answer summarise(Request request) {
        DataStream stream = service.stream(request);
        int shards = stream.openShards();
        int consumers = stream.consumers().all().size();
        return fields -> fields.object("StreamDescriptionSummary", summary -> {
            head(stream, summary);
            summary.number("OpenShardCount", shards);
            summary.number("ConsumerCount", consumers);
            summary.number("MaxRecordSizeInKiB", stream.largestRecord() / KIB);
        });
    }

    private static void head(DataStream stream, Fields fields) throws IOException {
        fields.text("StreamName", stream.name());
        fields.text("StreamARN", stream.arn());
        fields.text("StreamStatus", "ACTIVE");
        fields.object("StreamModeDetails", mode -> mode.text("StreamMode", "PROVISIONED"));
        fields.number("RetentionPeriodHours", stream.retention().toHours());
        fields.time("StreamCreationTimestamp", stream.created());
        fields.objects("EnhancedMonitoring", List.of(""), _ -> level -> level.texts("ShardLevelMetrics", List.of()));
        fields.text("EncryptionType", "NONE");
    }

    private Answer list(Request request) {
        int limit = request.number("Limit", USUALLY_LISTED, 1, MOST_LISTED);
        String after = request.text("NextToken")
                .or(() -> request.text("ExclusiveStartStreamName"))
                .orElse("");
        List<String> names = service.account().streams().stream()
                .map(DataStream::name)
                .filter(name -> name.compareTo(after) > 0)
                .toList();
        List<String> page = names.subList(0, Math.min(limit, names.size()));
        return fields -> {
            fields.texts("StreamNames", page);
            fields.flag("HasMoreStreams", page.size() < names.size());
            fields.text("NextToken", page.size() < names.size() ? page.getLast() : null);
        };
    }

    private Answer increaseRetention(Request request) {
        DataStream stream = service.stream(request);
        Duration wanted = retention(request);
        if (wanted.compareTo(stream.retention()) < 0) {
            throw Refusal.invalidArgument("Requested retention period (" + wanted.toHours()
                    + " hours) for stream " + stream.name() + " can not be shorter than the existing one ("
                    + stream.retention().toHours() + " hours). Use DecreaseStreamRetentionPeriod API.");
        }
        stream.retain(wanted);
        return Answer.EMPTY;
    }

    private Answer decreaseRetention(Request request) {
        DataStream stream = service.stream(request);
        Duration wanted = retention(request);
        if (wanted.compareTo(stream.retention()) > 0) {
            throw Refusal.invalidArgument("Requested retention period (" + wanted.toHours()
                    + " hours) for stream " + stream.name() + " can not be longer than the existing one ("
                    + stream.retention().toHours() + " hours). Use IncreaseStreamRetentionPeriod API.");
        }
        stream.retain(wanted);
        return Answer.EMPTY;
    }

    private static Duration retention(Request request) {
        return Duration.ofHours(
                request.requiredNumber("RetentionPeriodHours", SHORTEST_RETENTION_HOURS, LONGEST_RETENTION_HOURS));
    }

    private Answer updateMaxRecordSize(Request request) {
        service.stream(request).largestRecord((long) KIB * recordLimit(request));
        return Answer.EMPTY;
    }
}
