package dev.millrace.testkit.kinesis.operation;

import dev.millrace.testkit.kinesis.model.ShardDescription;
import dev.millrace.testkit.kinesis.model.StoredRecord;
import dev.millrace.testkit.service.HashKeyRange;
import dev.millrace.testkit.wire.Answer;

/** The objects that several answers have in them. */
final class Shapes {

    private Shapes() {}

    static Answer shard(ShardDescription shard) {
        return fields -> {
            fields.text("ShardId", shard.shardId());
            fields.text("ParentShardId", shard.parent());
            fields.text("AdjacentParentShardId", shard.adjacentParent());
            fields.object("HashKeyRange", range(shard.range()));
            fields.object("SequenceNumberRange", numbers -> {
                numbers.text("StartingSequenceNumber", shard.starting());
                numbers.text("EndingSequenceNumber", shard.ending());
            });
        };
    }

    /** A shard as the end of its parent tells of it. */
    static Answer child(ShardDescription shard) {
        return fields -> {
            fields.text("ShardId", shard.shardId());
            fields.texts("ParentShards", shard.parents());
            fields.object("HashKeyRange", range(shard.range()));
        };
    }

    private static Answer range(HashKeyRange range) {
        return fields -> {
            fields.text("StartingHashKey", range.start().toString());
            fields.text("EndingHashKey", range.end().toString());
        };
    }

    static Answer record(StoredRecord stored) {
        return fields -> {
            fields.text("SequenceNumber", stored.sequenceNumber());
            fields.time("ApproximateArrivalTimestamp", stored.arrival());
            fields.bytes("Data", stored.data());
            fields.text("PartitionKey", stored.partitionKey());
        };
    }
}
