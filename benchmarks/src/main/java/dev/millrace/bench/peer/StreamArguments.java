package dev.millrace.bench.peer;

import java.net.URI;

/**
 * What every peer of the Kinesis benchmark is told on its command line, in this order.
 *
 * @param kinesis the canned stream's endpoint
 * @param function where to POST each batch
 * @param shards how many shards the stream has
 * @param batch records per POST
 * @param client which HTTP client the AWS SDK uses
 * @param leases the endpoint of the lease table, for a peer that needs one
 */
public record StreamArguments(URI kinesis, URI function, int shards, int batch, String client, URI leases) {
    /** The name of the canned stream. */
    public static final String STREAM = "bench";

    /** What GetRecords gives at most. */
    public static final int MAX_RECORDS = 10_000;

    /** The name of one of the stream's shards, counted from 0. */
    public static String shardId(int shard) {
        return "shardId-%012d".formatted(shard);
    }

    public static StreamArguments parse(String... args) {
        if (args.length != 6) {
            throw new IllegalArgumentException(
                    "wanted: KINESIS-ENDPOINT FUNCTION-URL SHARDS BATCH CLIENT LEASES-ENDPOINT");
        }
        return new StreamArguments(
                URI.create(args[0]),
                URI.create(args[1]),
                Integer.parseInt(args[2]),
                Integer.parseInt(args[3]),
                args[4],
                URI.create(args[5]));
    }
}
