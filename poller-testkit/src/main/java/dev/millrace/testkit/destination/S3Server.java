package dev.millrace.testkit.destination;

import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** As much of S3 as a writer of objects sees, buckets in the path; with a fault on cue. Thread-safe. */
public final class S3Server implements AutoCloseable {

    private static final String REGION = "us-east-1";

    private final FaultyFront front = new FaultyFront(this::answer, S3Server::error);

    // Guarded by this, as everything below.
    private final Map<String, Bucket> buckets = new HashMap<>();
    private long largestObject = Long.MAX_VALUE;

    private record Bucket(String region, Map<String, String> objects) {}

    /** Where it answers. */
    public URI endpoint() {
        return front.endpoint();
    }

    /** Adds a bucket of us-east-1; answers its ARN. */
    public String createBucket(String name) {
        return createBucket(name, REGION);
    }

    /** Adds a bucket; requests that are signed for another region are sent there. */
    public synchronized String createBucket(String name, String region) {
        buckets.putIfAbsent(name, new Bucket(region, new TreeMap<>()));
        return "arn:aws:s3:::" + name;
    }

    /** What is in the bucket, by key. */
    public synchronized Map<String, String> objects(String bucket) {
        Bucket found = buckets.get(bucket);
        return found == null ? Map.of() : new TreeMap<>(found.objects());
    }

    /** Refuses larger objects from now on. */
    public synchronized void limit(long bytes) {
        largestObject = bytes;
    }

    /** From now on every call suffers the fault. */
    public void always(ServiceFault fault) {
        front.always(fault);
    }

    /** So many calls suffer the fault. */
    public void next(int calls, ServiceFault fault) {
        front.next(calls, fault);
    }

    /** Nothing goes wrong any more. */
    public void heal() {
        front.heal();
    }

    /** Every request so far. */
    public List<FunctionCall> calls() {
        return front.server().calls();
    }

    private FunctionAnswer answer(FunctionCall call) {
        String[] parts = URI.create(call.target()).getPath().split("/", 3);
        if (!call.method().equals("PUT") || parts.length < 3 || parts[2].isEmpty()) {
            return error(501, "NotImplemented");
        }
        if (!md5(call.body().bytes()).equals(call.header("Content-MD5").orElse(""))) {
            return error(400, "BadDigest");
        }
        return put(parts[1], parts[2], call);
    }

    private synchronized FunctionAnswer put(String name, String key, FunctionCall call) {
        Bucket bucket = buckets.get(name);
        if (bucket == null) {
            return error(404, "NoSuchBucket");
        }
        if (!call.header("Authorization").orElse("").contains("/" + bucket.region() + "/s3/")) {
            return xml(301, errorBody("PermanentRedirect")).header("x-amz-bucket-region", bucket.region());
        }
        if (call.body().size() > largestObject) {
            return error(400, "EntityTooLarge");
        }
        bucket.objects().put(key, call.text());
        return FunctionAnswer.ok("").header("ETag", "\"" + name.hashCode() + "\"");
    }

    private static String md5(byte[] body) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java runtime has MD5", e);
        }
    }

    private static FunctionAnswer error(int status, String code) {
        return xml(status, errorBody(code));
    }

    private static String errorBody(String code) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code
                + "</Code><Message>says the test server</Message></Error>";
    }

    private static FunctionAnswer.Reply xml(int status, String body) {
        return FunctionAnswer.status(status, body).header("Content-Type", "application/xml");
    }

    @Override
    public void close() {
        front.close();
    }
}
