package dev.millrace.testkit.sts;

import dev.millrace.testkit.FunctionAnswer;
import dev.millrace.testkit.FunctionCall;
import dev.millrace.testkit.FunctionServer;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * As much of STS as a client sees that assumes roles: every role is given to everybody, unless a test refuses it, with keys that
 * tell the role and how often it was given. Signatures are not checked. Thread-safe.
 */
public final class StsServer implements AutoCloseable {

    private static final String NAMESPACE = "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"";

    private static final Pattern SIGNER = Pattern.compile("Credential=(?<key>[^/]+)/[^/]+/(?<region>[^/]+)/");

    /**
     * One answered request for a role.
     *
     * @param action {@code AssumeRole} or {@code AssumeRoleWithWebIdentity}
     * @param members of the request, by AWS's names
     * @param signer access key that the request was signed with; empty without a signature
     * @param region that it was signed for; empty without a signature
     * @param accessKeyId given for it; the secret key and the session token are {@code secret-} and {@code token-} before it
     */
    public record Session(
            String action, Map<String, String> members, String signer, String region, String accessKeyId) {
        public Session {
            members = Map.copyOf(members);
        }

        /** A member's text; empty when it was not sent. */
        public String member(String name) {
            return members.getOrDefault(name, "");
        }

        /** The bare name of the role. */
        public String role() {
            return roleName(member("RoleArn"));
        }
    }

    private final FunctionServer server;

    // Guarded by this, as everything below.
    private final List<Session> sessions = new ArrayList<>();
    private Duration lifetime = Duration.ofHours(1);
    private final Map<String, FunctionAnswer> refused = new HashMap<>();
    private @Nullable FunctionAnswer always;

    private StsServer(FunctionServer server) {
        this.server = server;
        server.always(this::answer);
    }

    /** Starts on a free port. */
    public static StsServer start() {
        return new StsServer(FunctionServer.start());
    }

    /** Starts on a free port and speaks TLS. */
    public static StsServer startTls(SSLContext context) {
        return new StsServer(FunctionServer.startTls(context, false));
    }

    /** Where it answers. */
    public URI endpoint() {
        return URI.create(server.url().toString().replaceAll("/$", ""));
    }

    /** How long credentials are good that are given from now on. */
    public synchronized void lifetime(Duration duration) {
        lifetime = duration;
    }

    /** Refuses everything from now on. */
    public synchronized void refuse(int status, String code, String message) {
        always = error(status, code, message);
    }

    /** Refuses one role from now on, by its bare name. */
    public synchronized void refuse(String role, int status, String code, String message) {
        refused.put(role, error(status, code, message));
    }

    /** Answers nothing from now on. */
    public synchronized void hang() {
        always = new FunctionAnswer.Hang();
    }

    /** Gives roles again. */
    public synchronized void heal() {
        always = null;
        refused.clear();
    }

    /** Every role that was given, in order. */
    public synchronized List<Session> sessions() {
        return List.copyOf(sessions);
    }

    /** Requests so far, answered or not. */
    public int calls() {
        return server.calls().size();
    }

    /** Waits until so many requests have come. */
    public void awaitCalls(int count) {
        server.awaitCalls(count);
    }

    private synchronized FunctionAnswer answer(FunctionCall call) {
        if (always != null) {
            return always;
        }
        Map<String, String> form = form(call.text());
        String action = form.getOrDefault("Action", "");
        return switch (action) {
            case "AssumeRole", "AssumeRoleWithWebIdentity" -> give(action, form, call);
            default -> error(400, "InvalidAction", "no such action here: " + action);
        };
    }

    private FunctionAnswer give(String action, Map<String, String> form, FunctionCall call) {
        String role = roleName(form.getOrDefault("RoleArn", ""));
        FunctionAnswer refusal = refused.get(role);
        if (refusal != null) {
            return refusal;
        }
        long before =
                sessions.stream().filter(session -> session.role().equals(role)).count();
        String key = role + "-" + (before + 1);
        Matcher signer = SIGNER.matcher(call.header("Authorization").orElse(""));
        boolean signed = signer.find();
        sessions.add(new Session(
                action, form, signed ? signer.group("key") : "", signed ? signer.group("region") : "", key));
        return xml(
                200,
                "<" + action + "Response " + NAMESPACE + "><" + action + "Result><Credentials><AccessKeyId>" + key
                        + "</AccessKeyId><SecretAccessKey>secret-" + key + "</SecretAccessKey><SessionToken>token-"
                        + key + "</SessionToken><Expiration>" + Instant.now().plus(lifetime)
                        + "</Expiration></Credentials></" + action
                        + "Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></" + action
                        + "Response>");
    }

    private static String roleName(String arn) {
        return arn.substring(arn.lastIndexOf('/') + 1);
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : body.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                form.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return form;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static FunctionAnswer error(int status, String code, String message) {
        return xml(
                status,
                "<ErrorResponse " + NAMESPACE + "><Error><Type>" + (status < 500 ? "Sender" : "Receiver")
                        + "</Type><Code>" + code + "</Code><Message>" + message
                        + "</Message></Error><RequestId>1</RequestId></ErrorResponse>");
    }

    private static FunctionAnswer xml(int status, String body) {
        return FunctionAnswer.status(status, body).header("Content-Type", "text/xml");
    }

    @Override
    public void close() {
        server.close();
    }
}
