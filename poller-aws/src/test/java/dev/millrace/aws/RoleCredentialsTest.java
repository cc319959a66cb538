package dev.millrace.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.CredentialSettings;
import dev.millrace.config.CredentialSettings.AccessKeys;
import dev.millrace.config.CredentialSettings.AssumedRole;
import dev.millrace.config.CredentialSettings.Base;
import dev.millrace.config.CredentialSettings.UsualPlaces;
import dev.millrace.config.CredentialSettings.WebIdentity;
import dev.millrace.testkit.Eventually;
import dev.millrace.testkit.sts.StsServer;
import dev.millrace.testkit.sts.StsServer.Session;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Roles, as calls of a service see them, with a server in place of STS. */
class RoleCredentialsTest {

    private static final Base KEYS = new AccessKeys("base-key", "base-secret", null);

    /** Renewals are spread over five to two minutes before the end. So little time means now, and the credentials still good. */
    private static final Duration DUE = Duration.ofSeconds(110);

    private final StsServer sts = StsServer.start();
    private final SqsFake sqs = SqsFake.start();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @AfterEach
    void close() {
        sqs.close();
        sts.close();
    }

    private AwsSettings assuming(Base base, String role, @Nullable String externalId) {
        return settings(new CredentialSettings(
                base, new AssumedRole(arn(role), externalId, "millrace-test", Duration.ofMinutes(20))));
    }

    private AwsSettings settings(CredentialSettings credentials) {
        return sqs.settings(credentials, Map.of("Sts", sts.endpoint()));
    }

    private static String arn(String role) {
        return "arn:aws:iam::111122223333:role/" + role;
    }

    private static Base webIdentity(Path file) {
        return new WebIdentity(file, arn("pod"), "pod-session");
    }

    private CallFailure failure(AwsSettings aws) throws InterruptedException {
        return CallFailure.of(
                catchThrowableOfType(
                        RuntimeException.class, () -> sqs.client(aws).listQueues()),
                "the queue");
    }

    private CallFailure.NoCredentials noCredentials(AwsSettings aws) throws InterruptedException {
        CallFailure failure = failure(aws);
        assertThat(failure).isInstanceOf(CallFailure.NoCredentials.class);
        return (CallFailure.NoCredentials) failure;
    }

    @Test
    void aRoleIsAssumedAsConfiguredAndItsCredentialsSignTheCalls() {
        assertThat(sqs.call(assuming(KEYS, "reader", "shared-with-us"))).isEqualTo("reader-1");

        assertThat(sqs.last().header("X-Amz-Security-Token")).hasValue("token-reader-1");
        assertThat(sqs.last().header("Authorization").orElseThrow()).contains("/eu-west-2/sqs/");
        assertThat(sts.sessions()).singleElement().satisfies(session -> {
            assertThat(session.action()).isEqualTo("AssumeRole");
            assertThat(session.member("RoleArn")).isEqualTo(arn("reader"));
            assertThat(session.member("ExternalId")).isEqualTo("shared-with-us");
            assertThat(session.member("RoleSessionName")).isEqualTo("millrace-test");
            assertThat(session.member("DurationSeconds")).isEqualTo("1200");
            assertThat(session.signer()).isEqualTo("base-key");
            assertThat(session.region()).isEqualTo("eu-west-3");
        });
    }

    @Test
    void noExternalIdIsSentWhereNoneIsConfigured() {
        sqs.call(assuming(KEYS, "reader", null));

        assertThat(sts.sessions().getFirst().members()).doesNotContainKey("ExternalId");
    }

    @Test
    void credentialsAreRenewedBeforeTheyExpireWhileCallsGoOn() {
        AwsSettings aws = assuming(KEYS, "reader", null);
        sts.lifetime(DUE);
        assertThat(sqs.call(aws)).isEqualTo("reader-1");

        sts.lifetime(Duration.ofHours(1));
        Eventually.until("renewed credentials", () -> sqs.call(aws).equals("reader-2"));

        assertThat(sqs.calls().get(1).header("X-Amz-Security-Token"))
                .as("not held up by the renewal")
                .hasValue("token-reader-1");
    }

    @Test
    void callsGoOnWhileARenewalFailsAndStsIsNotHammered() {
        AwsSettings aws = assuming(KEYS, "reader", null);
        sts.lifetime(DUE);
        sqs.call(aws);
        sts.refuse(500, "InternalFailure", "try later");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(StsPause.class);
        logger.addAppender(log);

        long until = System.nanoTime() + Duration.ofMillis(500).toNanos();
        while (System.nanoTime() < until) {
            assertThat(sqs.call(aws)).isEqualTo("reader-1");
        }

        logger.detachAppender(log);
        assertThat(sts.calls()).isBetween(2, 5);
        assertThat(log.list).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.WARN);
            assertThat(line.getKeyValuePairs().toString()).contains(arn("reader"), "500 InternalFailure: try later");
        });
        sts.heal();
        Eventually.until("renewed credentials", () -> !sqs.call(aws).equals("reader-1"));
    }

    @Test
    void callsOfTheSameRoleShareItsCredentialsUntilTheLastUserIsClosed() {
        AwsSettings aws = assuming(KEYS, "reader", null);
        sqs.call(aws);
        try (SqsFake other = SqsFake.start()) {
            other.call(other.settings(aws.credentials(), Map.of("Sts", sts.endpoint())));
            assertThat(sts.sessions()).hasSize(1);
        }
        assertThat(sqs.call(aws)).as("still open").isEqualTo("reader-1");
        sqs.close();

        try (SqsFake later = SqsFake.start()) {
            assertThat(later.call(later.settings(aws.credentials(), Map.of("Sts", sts.endpoint()))))
                    .isEqualTo("reader-2");
        }
    }

    @Test
    void callsOfTwoRolesNeverShareAClient() {
        AwsSettings orders = assuming(KEYS, "orders", null);
        AwsSettings payments = assuming(KEYS, "payments", null);

        assertThat(sqs.call(orders)).isEqualTo("orders-1");
        assertThat(sqs.call(payments)).isEqualTo("payments-1");
        assertThat(sqs.call(orders)).isEqualTo("orders-1");
        assertThat(sqs.call(assuming(KEYS, "orders", "other-id")))
                .as("another external id")
                .isEqualTo("orders-2");
        assertThat(sqs.client(orders)).isSameAs(sqs.client(assuming(KEYS, "orders", null)));
    }

    @Test
    void aRefusalNamesTheRoleAndTheRemedyAndDoesNotLookLikeTheQueues() throws Exception {
        sts.refuse(403, "AccessDenied", "User u is not authorized to perform: sts:AssumeRole on resource r");

        CallFailure.NoCredentials failure = noCredentials(assuming(KEYS, "reader", "wrong"));

        assertThat(failure.temporary()).isFalse();
        assertThat(failure.text())
                .startsWith("cannot assume the role " + arn("reader") + ": ")
                .contains("(403 AccessDenied: User u is not authorized", "sts:AssumeRole", "ExternalId")
                .containsOnlyOnce("cannot assume");
        assertThat(sqs.calls()).isEmpty();
    }

    @Test
    void aRefusedRoleDoesNotKeepOthersFromBeingUsed() throws Exception {
        sts.refuse(403, "AccessDenied", "no");
        noCredentials(assuming(KEYS, "reader", null));
        sts.heal();

        assertThat(sqs.call(assuming(KEYS, "other", null))).isEqualTo("other-1");
        Eventually.until("the first one after its pause", () -> failsNot(assuming(KEYS, "reader", null)));
    }

    private boolean failsNot(AwsSettings aws) {
        try {
            return sqs.call(aws).equals("reader-1");
        } catch (NoCredentialsException e) {
            return false;
        }
    }

    @Test
    void afterAFailureStsIsLeftAloneForAMoment() throws Exception {
        sts.refuse(400, "Throttling", "Rate exceeded");
        AwsSettings aws = assuming(KEYS, "reader", null);

        for (int i = 0; i < 20; i++) {
            CallFailure.NoCredentials failure = noCredentials(aws);
            assertThat(failure.temporary()).isTrue();
            assertThat(failure.text()).contains("asks to be called less often").containsOnlyOnce("cannot assume");
        }

        assertThat(sts.calls()).isLessThan(4);
    }

    @Test
    void anUnreachableStsIsATemporaryTrouble() throws Exception {
        AwsSettings aws = assuming(KEYS, "reader", null);
        URI gone = sts.endpoint();
        sts.close();

        CallFailure.NoCredentials failure = noCredentials(aws);

        assertThat(failure.temporary()).isTrue();
        assertThat(failure.text()).contains("cannot reach " + gone, "Aws.Endpoints.Sts");
    }

    @Test
    void aCallThatIsInterruptedWhileItWaitsForStsTellsOfTheInterrupt() throws Exception {
        sts.hang();
        AwsSettings aws = assuming(KEYS, "reader", null);
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                told.completeAsync(() -> new AssertionError(failureUnlessInterrupted(aws)), Runnable::run);
            } catch (RuntimeException e) {
                told.complete(e);
            }
        });
        sts.awaitCalls(1);
        caller.interrupt();

        assertThat(told.get()).hasMessageContaining("interrupted");
        sts.heal();
        assertThat(sqs.call(aws)).as("not remembered as a failure").startsWith("reader-");
    }

    private String failureUnlessInterrupted(AwsSettings aws) {
        try {
            return failure(aws).toString();
        } catch (InterruptedException e) {
            return "interrupted";
        }
    }

    @Test
    void webIdentitySendsTheTokenThatIsInTheFileAtTheTime() throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "first\n");
        AwsSettings aws = settings(new CredentialSettings(webIdentity(file), null));
        sts.lifetime(DUE);

        assertThat(sqs.call(aws)).isEqualTo("pod-1");
        Files.writeString(file, "second");
        Eventually.until("renewed credentials", () -> sqs.call(aws).equals("pod-2"));

        assertThat(sts.sessions().subList(0, 2))
                .extracting(session -> session.member("WebIdentityToken"))
                .containsExactly("first", "second");
        Session session = sts.sessions().getFirst();
        assertThat(session.action()).isEqualTo("AssumeRoleWithWebIdentity");
        assertThat(session.member("RoleSessionName")).isEqualTo("pod-session");
        assertThat(session.signer()).as("unsigned").isEmpty();
    }

    @Test
    void aTokenFileThatIsMissingIsTold() throws Exception {
        Path missing = directory.resolve("token");

        CallFailure.NoCredentials failure = noCredentials(settings(new CredentialSettings(webIdentity(missing), null)));

        assertThat(failure.temporary()).isFalse();
        assertThat(failure.text())
                .startsWith("cannot get the role " + arn("pod") + " by web identity: ")
                .contains(missing.toString(), "WebIdentity.TokenFile");
        assertThat(sts.calls()).isZero();
    }

    @Test
    void aRoleIsAssumedWithTheCredentialsOfAnother() throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "token");
        AwsSettings orders = assuming(webIdentity(file), "orders", null);
        AwsSettings payments = assuming(webIdentity(file), "payments", null);

        assertThat(sqs.call(orders)).isEqualTo("orders-1");
        assertThat(sqs.call(payments)).isEqualTo("payments-1");

        assertThat(sts.sessions())
                .extracting(session -> session.signer() + " gets " + session.accessKeyId())
                .containsExactly(" gets pod-1", "pod-1 gets orders-1", "pod-1 gets payments-1");
    }

    @Test
    void whatKeepsTheBaseFromBeingUsedIsToldWithTheRole() throws Exception {
        CallFailure.NoCredentials failure =
                noCredentials(assuming(webIdentity(directory.resolve("token")), "orders", null));

        assertThat(failure.text())
                .startsWith("cannot assume the role " + arn("orders") + ": cannot get the role " + arn("pod"));
    }

    @Test
    void anEmulatorOfStsTakesMadeUpCredentials() {
        assertThat(sqs.call(assuming(new UsualPlaces(), "reader", null))).isEqualTo("reader-1");
        assertThat(sts.sessions().getFirst().signer()).isNotEmpty();
    }

    @Test
    void configuredKeysAreUsedAtAnEmulatorToo() {
        AwsSettings aws = settings(new CredentialSettings(new AccessKeys("my-key", "my-secret", "my-token"), null));

        assertThat(sqs.call(aws)).isEqualTo("my-key");
        assertThat(sqs.last().header("X-Amz-Security-Token")).hasValue("my-token");
        assertThat(sts.calls()).isZero();
    }

    @Test
    void aProfileThatDoesNotExistIsToldAndNeverReplacedByMadeUpCredentials() throws Exception {
        CallFailure.NoCredentials failure = noCredentials(
                settings(new CredentialSettings(new CredentialSettings.Profile("millrace-has-none"), null)));

        assertThat(failure.text()).contains("the profile 'millrace-has-none'", "Aws.Credentials.Profile");
        assertThat(sqs.calls()).isEmpty();
    }
}
