package dev.millrace.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.AwsSettings;
import dev.millrace.filter.FilterOperators;
import dev.millrace.function.AliasRouting;
import dev.millrace.function.BreakerSettings;
import dev.millrace.mapping.EventSourceMapping;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {

    private static final String SMALLEST = """
        Functions:
          orders-fn:
            Fake: {Url: "http://127.0.0.1:9001/"}
        EventSourceMappings:
          - EventSourceArn: arn:aws:sqs:us-east-1:000000000000:orders
            FunctionName: orders-fn
        """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private ConfigFixture fixture;

    @BeforeEach
    void makeFixture() {
        fixture = new ConfigFixture(directory);
    }

    @Test
    void fillsInDefaults() {
        DaemonConfig config = fixture.valid(SMALLEST).config();

        assertThat(config.aws()).isEqualTo(new AwsSettings("us-east-1", "000000000000", Map.of()));
        assertThat(config.api()).isEqualTo(new ApiSettings("127.0.0.1", 9000));
        assertThat(config.shutdown()).isEqualTo(new ShutdownSettings(Duration.ofSeconds(25)));
        assertThat(config.logging()).isEqualTo(LoggingSettings.DEFAULT);
        assertThat(config.filters()).isEqualTo(new FilterSettings(FilterOperators.DOCUMENTED, 5));
        assertThat(config.coordination().mode()).isEqualTo(CoordinationSettings.Mode.STANDALONE);
        assertThat(config.store().type()).isEqualTo("File");
        assertThat(config.store().factory().settings())
                .isEqualTo(
                        Map.of("Path", Path.of("millrace.db").toAbsolutePath().toString()));
        FunctionConfig function = config.functions().getFirst();
        assertThat(function.breaker()).isEqualTo(BreakerSettings.DEFAULT);
        assertThat(function.versions()).containsOnlyKeys("$LATEST");
        FunctionVersion latest = function.versions().values().iterator().next();
        assertThat(latest.invokerType()).isEqualTo("Fake");
        assertThat(latest.settings().timeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(latest.settings().reservedConcurrency()).isEmpty();
        assertThat(config.mappings()).singleElement().satisfies(mapping -> {
            assertThat(mapping.batchSize()).isEqualTo(10);
            assertThat(mapping.enabled()).isTrue();
        });
    }

    @Test
    void readsEverySection() {
        DaemonConfig config = fixture.valid("""
            Region: eu-west-1
            AccountId: 012345678901
            Aws:
              Endpoints: {Sqs: "http://127.0.0.1:9324", DynamoDbStreams: "https://streams.local:8000"}
            Api: {Host: 0.0.0.0, Port: 0}
            Shutdown: {DeadlineSeconds: 1.5}
            Logging: {Format: Json, Level: debug}
            Quotas: {FiltersPerEventSourceMapping: 10}
            Functions:
              orders-fn:
                Timeout: 900
                ReservedConcurrency: 0
                Environment: {Variables: {STAGE: prod}}
                Fake: {Url: a}
                CircuitBreaker:
                  Enabled: false
                  FailureRateThreshold: 12.5
                  SlidingWindowSize: 5
                  OpenSeconds: 120
                Versions:
                  1: {Timeout: 5, Environment: {Variables: {STAGE: test}}, Fake: {Url: b}}
                  2: {}
                Aliases:
                  prod: {FunctionVersion: 1, RoutingConfig: {AdditionalVersionWeights: {2: 0.25}}}
            EventSourceMappings:
              - {EventSourceArn: "arn:aws:sqs:eu-west-1:012345678901:a", FunctionName: "orders-fn:prod"}
              - {EventSourceArn: "arn:aws:sqs:eu-west-1:012345678901:a", FunctionName: "orders-fn:2"}
              - {eventSourceArn: "arn:aws:sqs:eu-west-1:012345678901:b", functionName: "orders-fn:$LATEST", enabled: False}
            """).config();

        assertThat(config.aws().accountId()).isEqualTo("012345678901");
        assertThat(config.aws().endpoints())
                .containsOnly(
                        Map.entry("Sqs", URI.create("http://127.0.0.1:9324")),
                        Map.entry("DynamoDbStreams", URI.create("https://streams.local:8000")));
        assertThat(config.api()).isEqualTo(new ApiSettings("0.0.0.0", 0));
        assertThat(config.shutdown().deadline()).isEqualTo(Duration.ofMillis(1500));
        assertThat(config.logging())
                .isEqualTo(new LoggingSettings(LoggingSettings.Format.JSON, LoggingSettings.Level.DEBUG));
        FunctionConfig function = config.functions().getFirst();
        assertThat(function.breaker())
                .isEqualTo(new BreakerSettings(false, 12.5, 5, 5, Duration.ofMinutes(2), Duration.ofMinutes(2)));
        assertThat(function.versions()).containsOnlyKeys("$LATEST", "1", "2");
        assertThat(function.versions().get("1")).satisfies(version -> {
            assertThat(version).isNotNull();
            assertThat(version.settings().environment()).containsExactly(Map.entry("STAGE", "test"));
            assertThat(version.settings().reservedConcurrency()).hasValue(0);
            assertThat(version.settings().timeout()).isEqualTo(Duration.ofSeconds(5));
        });
        assertThat(function.versions().get("2")).satisfies(version -> {
            assertThat(version.settings().environment()).containsExactly(Map.entry("STAGE", "prod"));
            assertThat(version.settings().version()).isEqualTo("2");
        });
        assertThat(function.aliases().get("prod")).isEqualTo(new AliasRouting("1", Map.of("2", 0.25)));
        assertThat(config.mappings())
                .extracting(mapping -> mapping.function().text())
                .containsExactly("orders-fn:prod", "orders-fn:2", "orders-fn:$LATEST");
        assertThat(config.mappings()).extracting(EventSourceMapping::enabled).containsExactly(true, true, false);
    }

    @Test
    void reportsAllProblemsAtOnceByLine() {
        assertThat(fixture.problems("""
            Regoin: us-east-1
            AccountId: 42
            Api: {Port: 99999}
            Functions:
              orders-fn:
                Timeout: 901
                Fkae: {}
              billing fn:
                Fake: {Url: x, Hedaers: {}}
            EventSourceMappings:
              - EventSourceArn: arn:aws:sqs:us-east-1:000000000000:orders
                FunctionName: order-fn
                BatchSize: 11
                Batchsize: 3
              - nonsense
            Region: [a]
            """))
                .containsExactly(
                        "millrace.yaml:1: Regoin: unknown key; did you mean 'Region'?",
                        "millrace.yaml:2: AccountId: '42' is no account id of twelve digits",
                        "millrace.yaml:3: Api.Port: '99999' is not a whole number from 0 to 65535",
                        "millrace.yaml:6: Functions.orders-fn.Timeout: '901' is not a number from 1 to 900",
                        "millrace.yaml:7: Functions.orders-fn.Fkae: unknown key; did you mean 'Fake'?",
                        "millrace.yaml:8: Functions.billing fn: a function's name has 1 to 64 letters, digits, hyphens"
                                + " and underscores",
                        "millrace.yaml:9: Functions.billing fn.Fake.Hedaers: unknown key; did you mean 'Headers'?",
                        "millrace.yaml:11: EventSourceMappings[0].MaximumBatchingWindowInSeconds: Maximum batch window"
                                + " in seconds must be greater than 0 if maximum batch size is greater than 10",
                        "millrace.yaml:12: EventSourceMappings[0].FunctionName: Function does not exist: no function"
                                + " 'order-fn' below Functions; did you mean 'orders-fn'?",
                        "millrace.yaml:14: EventSourceMappings[0].Batchsize: unknown key: it is already given as"
                                + " 'BatchSize'",
                        "millrace.yaml:15: EventSourceMappings[1]: expected a mapping's keys and values, found"
                                + " 'nonsense'",
                        "millrace.yaml:16: Region: expected a single value, found a list");
    }

    /** One wrong function each: what stands below {@code f}, the line's problem. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        {Timeout: 3} | Functions.f: says nothing of how to invoke the function; add one of Fake, Http, Lambda, Process
        {Fake: http://x} | Functions.f.Fake: expected a section of keys and values, found 'http://x'
        {Fake: {}, Timeout: 0.5} | Functions.f.Timeout: '0.5' is not a number from 1 to 900
        {Fake: {}, ReservedConcurrency: -1} | Functions.f.ReservedConcurrency: '-1' is not a whole number from 0 to 100000
        {Fake: {}, Environment: {Vars: {}}} | Functions.f.Environment.Vars: unknown key; known here: Variables
        {Fake: {}, Versions: {one: {}}} | Functions.f.Versions.one: a version is a number, such as 1
        {Fake: {}, Aliases: {prod: {}}} | Functions.f.Aliases.prod.FunctionVersion: is required
        {Fake: {}, Aliases: {prod: {FunctionVersion: 7}}} | Functions.f.Aliases.prod.FunctionVersion: there is no version '7'; known: $LATEST
        {Fake: {}, Aliases: {1: {FunctionVersion: $LATEST}}} | Functions.f.Aliases.1: an alias has 1 to 128 letters, digits, hyphens and underscores, and is no number
        {Fake: {}, Versions: {1: {}, 2: {}}, Aliases: {a: {FunctionVersion: 1, RoutingConfig: {AdditionalVersionWeights: {2: 1.5}}}}} | Functions.f.Aliases.a.RoutingConfig.AdditionalVersionWeights.2: '1.5' is not a number from 0 to 1
        {Fake: {}, Versions: {1: {}, 2: {}, 3: {}}, Aliases: {a: {FunctionVersion: 1, RoutingConfig: {AdditionalVersionWeights: {2: 0.5, 3: 0.75}}}}} | Functions.f.Aliases.a.RoutingConfig.AdditionalVersionWeights: the weights add up to 1.25, more than 1
        {Fake: {}, CircuitBreaker: {OpenSeconds: 60, MaximumOpenSeconds: 30}} | Functions.f.CircuitBreaker.MaximumOpenSeconds: '30' is not a number from 60 to 3600
        {Fake: {}, CircuitBreaker: {SlidingWindowSize: 5, MinimumNumberOfCalls: 6}} | Functions.f.CircuitBreaker.MinimumNumberOfCalls: '6' is not a whole number from 1 to 5
        """)
    void reportsAWrongFunction(String function, String problem) {
        assertThat(fixture.problems("Functions:\n  f: " + function)).containsExactly("millrace.yaml:2: " + problem);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        orders-fn:3 | Function does not exist: 'orders-fn' has no version or alias '3'; known: $LATEST
        billing | Function does not exist: no function 'billing' below Functions; add it there, with an invoker that says how to call it, or name one of: orders-fn
        orders-fm | Function does not exist: no function 'orders-fm' below Functions; did you mean 'orders-fn'?
        """)
    void reportsAMappingOfAnUnknownFunction(String function, String message) {
        assertThat(fixture.problems(SMALLEST.replace("FunctionName: orders-fn", "FunctionName: " + function)))
                .containsExactly("millrace.yaml:6: EventSourceMappings[0].FunctionName: " + message);
    }

    @Test
    void reportsASecondMappingOfTheSameSourceAndFunctionAndASharedIdentity() {
        String uuid = "3b3ab2b4-6d0f-4b6c-8d5c-2f8f0a8d3c11";
        assertThat(fixture.problems("""
            Functions: {f: {Fake: {}}}
            EventSourceMappings:
              - {UUID: %1$s, EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f}
              - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: "999999999999:function:f"}
              - {UUID: %1$s, EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:b", FunctionName: f}
            """.formatted(uuid)))
                .containsExactly(
                        "millrace.yaml:4: EventSourceMappings[1].EventSourceArn: An event source mapping with SQS arn"
                                + " (\" arn:aws:sqs:us-east-1:000000000000:a \") and function (\" f \") already exists."
                                + " Please update or delete the existing mapping with UUID " + uuid,
                        "millrace.yaml:5: EventSourceMappings[2].UUID: The UUID " + uuid
                                + " already belongs to the mapping of arn:aws:sqs:us-east-1:000000000000:a and f;"
                                + " remove one of them to have it made from source and function");
    }

    @Test
    void reportsEnabledMappingsThatNoPlugInPolls() {
        assertThat(fixture.polls("sqs").problems("""
            Functions: {f: {Fake: {}}}
            EventSourceMappings:
              - {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f}
              - {EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", FunctionName: g, StartingPosition: LATEST}
              - EventSourceArn: arn:aws:dynamodb:us-east-1:000000000000:table/tbl/stream/latest
                FunctionName: f
              - EventSourceArn: arn:aws:dynamodb:us-east-1:000000000000:table/off/stream/latest
                FunctionName: f
                StartingPosition: LATEST
                Enabled: false
            """))
                .containsExactly(
                        "millrace.yaml:4: EventSourceMappings[1].FunctionName: Function does not exist: no function 'g'"
                                + " below Functions; did you mean 'f'?",
                        "millrace.yaml:4: EventSourceMappings[1].EventSourceArn: no poller for Kinesis streams is"
                                + " installed, so nothing would poll arn:aws:kinesis:us-east-1:000000000000:stream/s;"
                                + " put a jar that has one on the class path, or set Enabled: false",
                        "millrace.yaml:5: EventSourceMappings[2].EventSourceArn: no poller for DynamoDB streams is"
                                + " installed, so nothing would poll"
                                + " arn:aws:dynamodb:us-east-1:000000000000:table/tbl/stream/latest; put a jar that has"
                                + " one on the class path, or set Enabled: false",
                        "millrace.yaml:5: EventSourceMappings[2].StartingPosition: 1 validation error detected: Value"
                                + " null at 'startingPosition' failed to satisfy constraint: Member must not be null."
                                + " Write TRIM_HORIZON for the oldest records there are, or LATEST for new ones only");
    }

    @Test
    void saysNothingOfAMappingWhoseFunctionHasProblemsOfItsOwn() {
        assertThat(fixture.problems(SMALLEST.replace("Fake:", "Fkae:")))
                .containsExactly("millrace.yaml:3: Functions.orders-fn.Fkae: unknown key; did you mean 'Fake'?");
    }

    @Test
    void replacesVariablesAndFiles() {
        fixture.variable("HOST", "10.0.0.7").variable("EMPTY", "").file("token.txt", "s3cret\n");

        DaemonConfig config = fixture.valid("""
            Region: ${REGION:-eu-west-1}
            Api:
              Host: ${HOST}
              Port: ${PORT:-9001}
            Functions:
              f:
                Environment: {Variables: {A: "x-${EMPTY:-y}-$${HOST}-$HOME", B: "file:token.txt"}}
                Fake: {}
            """).config();

        assertThat(config.aws().region()).isEqualTo("eu-west-1");
        assertThat(config.api()).isEqualTo(new ApiSettings("10.0.0.7", 9001));
        FunctionVersion version =
                config.functions().getFirst().versions().values().iterator().next();
        assertThat(version.settings().environment())
                .containsOnly(Map.entry("A", "x-y-${HOST}-$HOME"), Map.entry("B", "s3cret"));
    }

    @Test
    void reportsReferencesToNothingOnceAndNotWhatFollowsFromThem() {
        assertThat(fixture.problems("""
            Api:
              Port: ${PORT}
            Functions:
              f:
                Timeout: file:none.txt
                Fake: {Url: "file:."}
            EventSourceMappings:
              - EventSourceArn: ${QUEUE_ARN}
                FunctionName: f
            """))
                .containsExactly(
                        "millrace.yaml:2: Api.Port: the environment variable PORT is not set; set it, or write"
                                + " ${PORT:-default}",
                        "millrace.yaml:5: Functions.f.Timeout: the file 'none.txt' cannot be read: it does not exist",
                        "millrace.yaml:6: Functions.f.Fake.Url: the file '.' cannot be read: it is not a regular file",
                        "millrace.yaml:8: EventSourceMappings[0].EventSourceArn: the environment variable QUEUE_ARN is"
                                + " not set; set it, or write ${QUEUE_ARN:-default}");
    }

    @ParameterizedTest
    @CsvSource({"eu-west-1, aws", "cn-north-1, aws-cn", "us-gov-west-1, aws-us-gov"})
    void knowsPseudoParametersInAConfiguration(String region, String partition) {
        DaemonConfig config = fixture.valid("""
            Region: %s
            Functions: {f: {Fake: {}}}
            EventSourceMappings:
              - EventSourceArn: !Sub "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:q"
                FunctionName: f
            """.formatted(region)).config();

        assertThat(config.mappings()).singleElement().satisfies(mapping -> {
            assertThat(mapping.eventSourceArn().toString())
                    .isEqualTo("arn:" + partition + ":sqs:" + region + ":000000000000:q");
            assertThat(mapping.function().qualifiedArn())
                    .isEqualTo("arn:" + partition + ":lambda:" + region + ":000000000000:function:f");
        });
    }

    @Test
    void countsTheStoresPathFromItsOwnFolder() {
        assertThat(fixture.valid("Store: {Path: data/positions.db}")
                        .config()
                        .store()
                        .factory()
                        .settings())
                .isEqualTo(Map.of("Path", directory.resolve("data/positions.db").toString()));
    }

    @Test
    void keepsProgressInATableWhereNodesShareShards() {
        DaemonConfig config = fixture.valid("""
            Coordination: {Mode: Kcl, NodeName: node-1, Preset: Thrifty, LeaseTablePrefix: leases-}
            Functions: {f: {Fake: {}}}
            """).config();

        assertThat(config.coordination().factory().settings())
                .isEqualTo(Map.of("NodeName", "node-1", "Preset", "Thrifty", "LeaseTablePrefix", "leases-"));
        assertThat(config.coordination().factory().node()).isEqualTo("node-1");
        assertThat(config.store().type()).isEqualTo("DynamoDb");
        assertThat(config.store().factory().settings())
                .isEqualTo(
                        Map.of("Table", "millrace", "SaveIntervalMilliseconds", 1_000L, "MappingsRefreshSeconds", 10L));
    }

    @Test
    void makesUpANameForANodeThatHasNoneAndDoesNotShowIt() {
        DaemonConfig config = fixture.valid("Coordination: {Mode: Kcl}").config();
        DaemonConfig other = fixture.valid("Coordination: {Mode: Kcl}").config();

        assertThat(config.coordination().factory().node())
                .isNotEqualTo(other.coordination().factory().node());
        assertThat(config.coordination().factory().settings()).doesNotContainKey("NodeName");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        Coordination: {Mode: Cluster} | Coordination.Mode: 'Cluster' is not one of Standalone, Kcl
        Coordination: {Preset: Fast} | Coordination.Preset: unknown key; known here: Mode
        Coordination: {Mode: Kcl, Preset: Slow} | Coordination.Preset: 'Slow' is not one of Fast, Thrifty
        Coordination: {Mode: Kcl, NodeName: a b} | Coordination.NodeName: 'a b' is no name of a node: 1 to 128 letters, digits, '_', '-', '.' and ':'
        Coordination: {Mode: Kcl, LeaseTablePrefix: a/b} | Coordination.LeaseTablePrefix: 'a/b' begins no name of a table: up to 200 letters, digits, '_', '-' and '.'
        {Coordination: {Mode: Kcl}, Store: {Type: File}} | Store.Type: File is one node's own, and in Coordination.Mode Kcl all nodes need the same store; write DynamoDb
        {Coordination: {Mode: Kcl}, Store: {Path: a.db}} | Store.Path: unknown key; known here: MappingsRefreshSeconds, SaveIntervalMilliseconds, Table, Type
        Store: {Type: DynamoDb} | Store.Type: DynamoDb is shared by nodes, which only Coordination.Mode Kcl keeps from processing the same shards; set that mode, also for a single node, or write File
        Store: {Type: DynamoDB2} | Store.Type: 'DynamoDB2' is no type of store; did you mean 'DynamoDb'?
        Store: {Type: Redis} | Store.Type: 'Redis' is no type of store; there are: DynamoDb, File
        {Coordination: {Mode: Kcl}, Store: {Table: no}} | Store.Table: 'no' is no name of a table: 3 to 255 letters, digits, '_', '-' and '.'
        """)
    void saysWhatIsWrongWithCoordinationAndStore(String text, String problem) {
        assertThat(fixture.problems(text)).containsExactly("millrace.yaml:1: " + problem);
    }

    @Test
    void countsRelativePathsFromItsOwnFolder() {
        fixture.file("empty.pem", "");

        assertThat(fixture.problems("Functions: {f: {Http: {Url: \"https://host/\", Tls: {CaFile: empty.pem}}}}"))
                .containsExactly("millrace.yaml:1: Functions.f.Http.Tls.CaFile: empty.pem holds no certificate in PEM"
                        + " form (-----BEGIN CERTIFICATE-----)");
    }

    @Test
    void masksSecretsInTheEffectiveConfiguration() {
        fixture.variable("DB_PASSWORD", "hunter2").variable("PLAIN", "visible").file("token.txt", "s3cret\n");

        String effective = fixture.valid("""
            Aws: {Endpoints: {Sqs: "http://me:pa55@127.0.0.1:9324"}}
            Functions:
              f:
                Environment:
                  Variables:
                    INNOCENT: file:token.txt
                    DSN: "postgres://db?x=${DB_PASSWORD}"
                    API_KEY: abcdef
                    TOKEN_FILE: /run/token
                    STAGE: ${PLAIN}
                Fake: {Url: "https://u:pw123@host/", BearerToken: "abc", Headers: {Authorization: Basic xyz, Accept: json}}
            """).effective();

        assertThat(effective)
                .contains("INNOCENT: '********'", "DSN: '********'", "API_KEY: '********'", "BearerToken: '********'")
                .contains("Authorization: '********'", "https://u:********@host/", "http://me:********@127.0.0.1:9324")
                .contains("TOKEN_FILE: /run/token", "STAGE: visible", "Accept: json")
                .doesNotContain("s3cret", "hunter2", "abcdef", "pa55", "pw123", "xyz");
    }

    @Test
    void writesAnEffectiveConfigurationThatReadsTheSame() {
        LoadedConfig.Valid first = fixture.valid("""
            Region: eu-west-1
            AccountId: 012345678901
            Aws: {Endpoints: {Sqs: "http://127.0.0.1:9324"}}
            Store: {Path: /var/lib/millrace/store.db}
            Functions:
              f:
                ReservedConcurrency: 7
                Fake: {Url: "http://127.0.0.1/", Headers: {A: "yes", B: "1.0"}}
                Versions: {1: {Timeout: 1.5}, 2: {}}
                Aliases: {prod: {FunctionVersion: 1, RoutingConfig: {AdditionalVersionWeights: {2: 0.1}}}}
            EventSourceMappings:
              - EventSourceArn: arn:aws:sqs:eu-west-1:012345678901:a
                FunctionName: f:prod
                BatchSize: 500
                MaximumBatchingWindowInSeconds: 5
                FilterCriteria: {Filters: [{Pattern: '{"body": ["x"]}'}]}
                FunctionResponseTypes: [ReportBatchItemFailures]
                ProvisionedPollerConfig: {MinimumPollers: 3}
                MetricsConfig: {Metrics: [EventCount]}
                Tags: {team: a}
                Millrace:
                  Heartbeat: {MaximumSeconds: 600}
                  RetryBackoff: {BaseSeconds: 0.5}
                  ReleaseOnShutdown: true
                  Scaling: {GrowthPreset: Aws, GrowthPerMinute: 60}
                  WaitTimeSeconds: 5
                  MaximumBytesInFlight: 10000000
              - EventSourceArn: arn:aws:kinesis:eu-west-1:012345678901:stream/s
                FunctionName: f
                StartingPosition: AT_TIMESTAMP
                StartingPositionTimestamp: 1700000000.5
                MaximumRecordAgeInSeconds: 60
                BisectBatchOnFunctionError: true
                DestinationConfig: {OnFailure: {Destination: "arn:aws:sqs:eu-west-1:012345678901:dlq"}}
                Millrace:
                  Retry: {BaseMilliseconds: 50, MaximumSeconds: 2.5}
                  PollIntervalMilliseconds: 200
                  OnFailure: {DeliverySeconds: 3600, WhenUndeliverable: block}
                  IncludePayload: true
                  Deaggregate: true
                  MaximumRecordsInFlight: 1000
                  MaximumBytesInFlight: 10000000
              - EventSourceArn: arn:aws:dynamodb:eu-west-1:012345678901:table/tbl/stream/latest
                FunctionName: f
                StartingPosition: LATEST
            """);

        LoadedConfig.Valid second = fixture.valid(first.effective());

        assertThat(second.effective()).isEqualTo(first.effective());
        assertThat(second.config().mappings()).isEqualTo(first.config().mappings());
        assertThat(second.config().aws()).isEqualTo(first.config().aws());
        assertThat(second.config().store()).isEqualTo(first.config().store());
    }

    /** One wrong mapping each: what is wrong with it, the problem. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        {EventSourceArn: orders, FunctionName: f} | EventSourceArn: 1 validation error detected: Value 'orders' at 'eventSourceArn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*). Write the ARN of a queue or stream, such as arn:aws:sqs:us-east-1:000000000000:orders (not its name or URL)
        {FunctionName: f} | EventSourceArn: Unrecognized event source. Write the ARN of a queue or stream, such as arn:aws:sqs:us-east-1:000000000000:orders (not its name or URL)
        {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a"} | FunctionName: 1 validation error detected: Value null at 'functionName' failed to satisfy constraint: Member must not be null. Write a name below Functions, such as orders-fn or orders-fn:prod
        {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f, BatchSize: 1e3} | BatchSize: '1e3' is not a whole number up to 2147483647
        {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f, Enabled: yes} | Enabled: 'yes' is neither true nor false
        {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f, ScalingConfig: 5} | ScalingConfig: expected a section of keys and values, found '5'
        {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f, FilterCriteria: {Filters: [{}]}} | FilterCriteria.Filters[0].Pattern: is required; write JSON in quotes, such as '{"body": {"kind": ["order"]}}'
        {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f, FilterCriteria: {Filters: [{Pattern: {body: [x]}}]}} | FilterCriteria.Filters[0].Pattern: must be text; write JSON in quotes, such as '{"body": {"kind": ["order"]}}'
        {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f, Tags: [x]} | Tags[0]: expected a section of keys and values, found 'x'
        {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:a", FunctionName: f, Millrace: {Scaling: {GrowthPreset: Slow}}} | Millrace.Scaling.GrowthPreset: 'Slow' is not one of Fast, Aws
        {EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", FunctionName: f, StartingPosition: LATEST, Millrace: {Retry: {BaseMilliseconds: 9}}} | Millrace.Retry.BaseMilliseconds: '9' is not a whole number from 10 to 60000
        {EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", FunctionName: f, StartingPosition: LATEST, Millrace: {Retry: {BaseMilliseconds: 2000, MaximumSeconds: 1}}} | Millrace.Retry.MaximumSeconds: is less than BaseMilliseconds (2000)
        {EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", FunctionName: f, StartingPosition: LATEST, Millrace: {Retry: {Attempts: 3}}} | Millrace.Retry.Attempts: unknown key; known here: BaseMilliseconds, MaximumSeconds
        {EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", FunctionName: f, StartingPosition: LATEST, Millrace: {PollIntervalMilliseconds: 199}} | Millrace.PollIntervalMilliseconds: '199' is not a whole number from 200 to 60000
        {EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", FunctionName: f, StartingPosition: LATEST, Millrace: {OnFailure: {WhenUndeliverable: Drop}}} | Millrace.OnFailure.WhenUndeliverable: 'Drop' is not one of Continue, Block
        {EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", FunctionName: f, StartingPosition: LATEST, Millrace: {OnFailure: {DeliverySeconds: 604801}}} | Millrace.OnFailure.DeliverySeconds: '604801' is not a number from 0 to 604800
        {EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", FunctionName: f, StartingPosition: LATEST, Millrace: {OnFailure: {DeliverSeconds: 1}}} | Millrace.OnFailure.DeliverSeconds: unknown key; did you mean 'DeliverySeconds'?
        """)
    void reportsAWrongMappingOnceWithTheRemedy(String mapping, String problem) {
        assertThat(fixture.problems("Functions: {f: {Fake: {}}}\nEventSourceMappings:\n  - " + mapping))
                .containsExactly("millrace.yaml:3: EventSourceMappings[0]." + problem);
    }

    @Test
    void saysWhyAFilterPatternCannotBeUsed() {
        assertThat(fixture.problems(SMALLEST + """
                FilterCriteria:
                  Filters:
                    - Pattern: '{"body": ["x"]}'
                    - Pattern: '{"k": [{"wildcard": "*"}]}'
                    - Pattern: '{"k": [{"numeric": ["~", 1]}]}'
            """))
                .containsExactly(
                        "millrace.yaml:10: EventSourceMappings[0].FilterCriteria.Filters[1].Pattern: Invalid filter"
                                + " pattern definition. Reason: 'wildcard' is not documented for event source mappings",
                        "millrace.yaml:11: EventSourceMappings[0].FilterCriteria.Filters[2].Pattern: Invalid filter"
                                + " pattern definition. Reason: Unrecognized numeric range operator: ~");
    }

    @Test
    void warnsOfAConfigurationWithoutMappings() {
        LoadedConfig.Valid valid = fixture.valid("Functions: {f: {Fake: {}}}");

        assertThat(fixture.lines(valid.warnings()))
                .containsExactly("millrace.yaml:1: EventSourceMappings: is empty: nothing will be polled");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        Aws: {Endpoints: {Sqs: "ftp://x"}} | Aws.Endpoints.Sqs: 'ftp://x' must begin with http:// or https://
        Aws: {Endpoints: {Sqs: "127.0.0.1:9324"}} | Aws.Endpoints.Sqs: '127.0.0.1:9324' must begin with http:// or https://
        Aws: {Endpoint: {}} | Aws.Endpoint: unknown key; did you mean 'Endpoints'?
        Logging: {Format: xml} | Logging.Format: 'xml' is not one of Text, Json
        Shutdown: {DeadlineSeconds: 901} | Shutdown.DeadlineSeconds: '901' is not a number from 0 to 900
        Store: {File: x.db} | Store.File: unknown key; known here: Path, Type
        Store: {Path: ""} | Store.Path: is empty; write the path of a file or folder
        Quotas: {FiltersPerEventSourceMapping: 11} | Quotas.FiltersPerEventSourceMapping: '11' is not a whole number from 1 to 10
        Region: US_EAST | Region: 'US_EAST' is no region name, such as us-east-1
        Templates: [none.yaml] | Templates[0]: 'DIR/none.yaml' cannot be read: there is no such file
        Templates: [[a]] | Templates[0]: expected the name of a template file, found a list
        Templates: [{File: .}] | Templates[0].File: 'DIR/.' cannot be read: it is a directory
        Api: {Host: ""} | Api.Host: is empty; write an address such as 127.0.0.1, or 0.0.0.0 for all
        Shutdown: 5 | Shutdown: expected a section of keys and values, found '5'
        Shutdown: {DeadlineSeconds: 5d} | Shutdown.DeadlineSeconds: '5d' is not a number from 0 to 900
        Api: {Port: 99999999999999999999} | Api.Port: '99999999999999999999' is not a whole number from 0 to 65535
        """)
    void reportsAWrongTopLevelSection(String text, String problem) {
        assertThat(fixture.problems(text)).containsExactly("millrace.yaml:1: " + problem.replace("DIR/", ""));
    }

    @Test
    void reportsAFileThatCannotBeRead() {
        assertThat(List.of(
                        fixture.problems(fixture.loadFile("none.yaml")),
                        fixture.problems(fixture.loadFile("../nothing/x"))))
                .allSatisfy(problems -> assertThat(problems)
                        .singleElement()
                        .asString()
                        .endsWith("cannot be read: there is no such file"));
    }
}
