package dev.millrace.kinesis;

import static dev.millrace.testkit.kinesis.KinesisCalls.GET_RECORDS;
import static dev.millrace.testkit.kinesis.KinesisCalls.SUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.aws.Access;
import dev.millrace.aws.ServiceClients;
import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedCredentials;
import dev.millrace.aws.stream.ShardAnswer;
import dev.millrace.config.Authorities;
import dev.millrace.config.CredentialSettings;
import dev.millrace.config.CredentialSettings.AccessKeys;
import dev.millrace.filter.RecordFilter;
import dev.millrace.source.Keying;
import dev.millrace.source.ReadPosition;
import dev.millrace.source.ShardRead;
import dev.millrace.source.SourceException;
import dev.millrace.testkit.TestCertificates;
import dev.millrace.testkit.kinesis.KinesisFault;
import dev.millrace.testkit.kinesis.KinesisServer;
import dev.millrace.testkit.kinesis.TestStream;
import dev.millrace.testkit.kinesis.model.StoredRecord;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** Enhanced fan-out as AWS offers it, by HTTP/2 and TLS, at a server whose authority the JVM does not know. */
class FanOutByTlsTest {

    private static final String SHARD = "shardId-000000000000";
    private static final CredentialSettings KEYS = new CredentialSettings(new AccessKeys("key", "secret", null), null);

    private final KinesisServer server = KinesisServer.start();
    private final KinesisStreams streams = new KinesisStreams(server.endpoint());
    private final TestStream stream = server.stream("orders", 1);
    private final StreamAddress address = ScriptedKinesis.address(
            streams.consumer("orders"), server.endpoint().toString());
    private final SharedCredentials credentials = SharedCredentials.open(place(Authorities.NONE));
    private final KinesisClient client = ServiceClients.setUp(KinesisClient.builder(), address.place(), credentials, 10)
            .build();
    private final ShardRecords records = new ShardRecords(
            KinesisRecordJson.of(address.source(), "us-east-1", "role").forShard(SHARD),
            RecordFilter.NONE,
            Keying.UNPACKED);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private Authorities authorities;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private Http2Front front;

    @BeforeEach
    void startTheFront() throws Exception {
        TestCertificates certificates = TestCertificates.in(directory).issue("here", "EC", "ip:127.0.0.1");
        Path file = certificates.authorityFile();
        try (InputStream in = Files.newInputStream(file)) {
            authorities = new Authorities(file, List.of((X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in)));
        }
        front = Http2Front.byTls(server.endpoint(), certificates.serverContext("here"));
    }

    @AfterEach
    void close() {
        client.close();
        credentials.close();
        front.close();
        streams.close();
        server.close();
    }

    private ServicePlace place(Authorities trusted) {
        return new ServicePlace("Kinesis", "us-east-1", server.endpoint(), new Access(KEYS, "", null, trusted));
    }

    private SubscriptionClient subscriber(Authorities trusted) {
        ServicePlace byTls =
                new ServicePlace("Kinesis", "us-east-1", front.endpoint(), new Access(KEYS, "", null, trusted));
        return SubscriptionClient.open(byTls, byTls.isEmulator(), credentials);
    }

    private FanOutShardReader reader(SubscriptionClient subscriber) {
        return new FanOutShardReader(
                address,
                SHARD,
                records,
                subscriber::subscribe,
                new KinesisShard(new KinesisCalls(client, address), SHARD, records).reader(System::nanoTime),
                new FanOutShardReader.Timing(System::nanoTime, Duration.ofSeconds(20)));
    }

    private List<String> put(int count) {
        for (int i = 0; i < count; i++) {
            stream.put("k", "x");
        }
        return stream.records(SHARD).stream().map(StoredRecord::sequenceNumber).toList();
    }

    @Test
    void aSubscriptionBringsItsRecordsByHttp2AndTls() throws Exception {
        // So that nothing but the subscription brings records.
        server.faults().at(GET_RECORDS).always(KinesisFault.throttled());
        List<String> put = put(20);
        List<String> read = new ArrayList<>();
        try (SubscriptionClient subscriber = subscriber(authorities)) {
            FanOutShardReader reader = reader(subscriber);
            ReadPosition position = new ReadPosition.TrimHorizon();
            while (read.size() < put.size()) {
                ShardRead answer = reader.read(position, 1);
                answer.records()
                        .forEach(record -> read.add(record.sequenceNumber().digits()));
                position = ShardAnswer.after(position, answer);
            }
            reader.close();
        }

        assertThat(read).isEqualTo(put);
        assertThat(server.calls().count(SUBSCRIBE)).isEqualTo(1);
        // The SDK's client for Kinesis knows that AWS speaks HTTP/2 and does not ask by ALPN.
        assertThat(front.agreed).containsExactly("null");
    }

    @Test
    void aServerOfAnUnknownAuthorityIsNotSubscribed() throws Exception {
        put(1);
        String told = "";
        try (SubscriptionClient subscriber = subscriber(Authorities.NONE)) {
            reader(subscriber).read(new ReadPosition.TrimHorizon(), 1);
        } catch (SourceException e) {
            told = e.problem().message();
        }

        assertThat(told).contains("cannot reach", "PKIX path building failed");
        assertThat(server.calls().count(SUBSCRIBE)).isZero();
    }
}
