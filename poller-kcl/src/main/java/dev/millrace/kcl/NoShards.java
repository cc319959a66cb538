package dev.millrace.kcl;

import java.util.List;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.kinesis.leases.ShardDetector;

/** Tells the library of no shards: the coordinator finds them and writes their leases, so that both modes have one way. */
final class NoShards implements ShardDetector {

    @Override
    @SuppressWarnings("NullAway") // The library's own answer for a shard that it does not know.
    public Shard shard(String shardId) {
        return null;
    }

    @Override
    public List<Shard> listShards() {
        return List.of();
    }

    @Override
    public List<ChildShard> getChildShards(String shardId) {
        return List.of();
    }
}
