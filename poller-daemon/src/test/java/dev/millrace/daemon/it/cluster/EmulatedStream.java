package dev.millrace.daemon.it.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.daemon.it.traffic.Feed;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.guarantee.Sent;
import dev.millrace.testkit.kinesis.KinesisLocal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A stream of kinesis-local, over the wire; shards are split and merged. One thread at a time sends and changes shards. */
final class EmulatedStream implements Feed {

    private static final int MOST_SHARDS = 4;
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final KinesisLocal server;
    private final String name;
    private final Random random;
    private List<Open> open;

    /** An open shard and its first and last hash key. */
    private record Open(String id, BigInteger first, BigInteger last) {}

    /** A stream made anew. */
    EmulatedStream(KinesisLocal server, String name, int shards, Random random) {
        this.server = server;
        this.name = name;
        this.random = random;
        call("CreateStream", Map.of("StreamName", name, "ShardCount", shards));
        this.open = listWhenActive();
    }

    private JsonNode call(String operation, Map<String, Object> members) {
        try {
            HttpRequest request = HttpRequest.newBuilder(server.endpoint())
                    .timeout(ANSWERS_WITHIN)
                    .header("Content-Type", "application/x-amz-json-1.1")
                    .header("X-Amz-Target", "Kinesis_20131202." + operation)
                    .header("X-Amz-Date", "20260101T000000Z")
                    .header(
                            "Authorization",
                            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request,"
                                    + " SignedHeaders=host, Signature=0")
                    .POST(BodyPublishers.ofString(JSON.writeValueAsString(members)))
                    .build();
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(operation + ": " + response.statusCode() + " " + response.body());
            }
            return response.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The open shards in the order of their keys. */
    private List<Open> list() {
        List<Open> found = new ArrayList<>();
        for (JsonNode shard : call("ListShards", Map.of("StreamName", name)).withArray("Shards")) {
            if (!shard.at("/SequenceNumberRange").hasNonNull("EndingSequenceNumber")) {
                found.add(new Open(
                        shard.get("ShardId").asText(),
                        new BigInteger(shard.at("/HashKeyRange/StartingHashKey").asText()),
                        new BigInteger(shard.at("/HashKeyRange/EndingHashKey").asText())));
            }
        }
        found.sort(Comparator.comparing(Open::first));
        return found;
    }

    @Override
    public List<String> arns() {
        return List.of("arn:aws:kinesis:" + KinesisLocal.REGION + ":" + KinesisLocal.ACCOUNT + ":stream/" + name);
    }

    @Override
    public Write next(String key, int count) {
        BigInteger hash = hash(key);
        Open shard = open.stream()
                .filter(candidate -> candidate.last().compareTo(hash) >= 0)
                .findFirst()
                .orElseThrow();
        String id = shard.id() + "/" + count;
        String data = Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8));
        return new Write(id, () -> {
            JsonNode put = call("PutRecord", Map.of("StreamName", name, "PartitionKey", key, "Data", data));
            if (!put.get("ShardId").asText().equals(shard.id())) {
                throw new IllegalStateException(id + " went to another shard: " + put);
            }
        });
    }

    private static BigInteger hash(String key) {
        try {
            return new BigInteger(1, MessageDigest.getInstance("MD5").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void reshard() {
        int before = open.size();
        if (before == 1 || (before < MOST_SHARDS && random.nextBoolean())) {
            Open shard = open.get(random.nextInt(before));
            BigInteger middle = shard.first().add(shard.last()).shiftRight(1);
            call(
                    "SplitShard",
                    Map.of("StreamName", name, "ShardToSplit", shard.id(), "NewStartingHashKey", middle.toString()));
        } else {
            int at = random.nextInt(before - 1);
            call(
                    "MergeShards",
                    Map.of(
                            "StreamName",
                            name,
                            "ShardToMerge",
                            open.get(at).id(),
                            "AdjacentShardToMerge",
                            open.get(at + 1).id()));
        }
        open = listWhenActive();
    }

    private List<Open> listWhenActive() {
        Eventually.until(
                "the stream to be active",
                () -> call("DescribeStreamSummary", Map.of("StreamName", name))
                        .at("/StreamDescriptionSummary/StreamStatus")
                        .asText()
                        .equals("ACTIVE"));
        return list();
    }

    @Override
    public List<Sent> received(FunctionCall call) {
        return Stream.records(call);
    }
}
