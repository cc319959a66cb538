package dev.millrace.daemon.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.daemon.config.ConfigFixture;
import dev.millrace.daemon.config.DaemonConfig;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {

    private static final String CONFIG = """
        Region: eu-west-1
        AccountId: 123456789012
        Templates: [template.yaml]
        Functions:
          OrdersFunction: {Fake: {}}
          billing: {Fake: {}, Versions: {1: {}}, Aliases: {live: {FunctionVersion: 1}}}
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
    void warnsOfQueuesWhoseVisibilityTimeoutIsTooShort() {
        LoadedConfig.Valid valid = fixture.file("template.yaml", """
            Resources:
              Long: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 35}}
              Default: {Type: AWS::SQS::Queue}
              Short: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 10}}
              Unknown: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !ImportValue X, QueueName: !ImportValue Y}}
              F:
                Type: AWS::Serverless::Function
                Properties:
                  Events:
                    A:
                      Type: SQS
                      Properties: {Queue: !GetAtt Long.Arn, MaximumBatchingWindowInSeconds: 15}
                    B:
                      Type: SQS
                      Properties: {Queue: !GetAtt Default.Arn, MaximumBatchingWindowInSeconds: 15}
                    C:
                      Type: SQS
                      Properties: {Queue: !GetAtt Short.Arn}
            """)
                .valid("{Templates: [template.yaml], Functions: {F: {Timeout: 20, Fake: {}}}}");

        assertThat(fixture.lines(valid.warnings()))
                .containsExactly(
                        "template.yaml:15: Resources.F.Properties.Events.B.Properties: Queue visibility timeout: 30"
                                + " seconds is less than batching window: 15 seconds plus Function timeout: 20 seconds,"
                                + " so batches are closed before their window ends; raise the queue's"
                                + " VisibilityTimeout to at least 35 seconds (AWS advises 135: the window and 6 times"
                                + " the Timeout), or lower MaximumBatchingWindowInSeconds",
                        "template.yaml:18: Resources.F.Properties.Events.C.Properties: Queue visibility timeout: 10"
                                + " seconds is less than Function timeout: 20 seconds; the mapping will not start with"
                                + " such a queue");
    }

    @Test
    void readsASamTemplate() {
        List<EventSourceMapping> mappings =
                fixture.file("template.yaml", """
                    AWSTemplateFormatVersion: '2010-09-09'
                    Transform: AWS::Serverless-2016-10-31
                    Globals: {Function: {Timeout: 10}}
                    Resources:
                      OrdersQueue:
                        Type: AWS::SQS::Queue
                        Properties: {VisibilityTimeout: 60}
                      ClickStream:
                        Type: AWS::Kinesis::Stream
                        Properties: {Name: clicks, ShardCount: 1}
                      AccountsTable:
                        Type: AWS::DynamoDB::Table
                        Properties: {TableName: accounts}
                      OrdersFunction:
                        Type: AWS::Serverless::Function
                        Properties:
                          Handler: app.handler
                          Events:
                            Api: {Type: Api, Properties: {Path: /, Method: get}}
                            Queue:
                              Type: SQS
                              Properties:
                                Queue: !GetAtt OrdersQueue.Arn
                                BatchSize: 5
                                FunctionResponseTypes: [ReportBatchItemFailures]
                                ScalingConfig: {MaximumConcurrency: 3}
                            Stream:
                              Type: Kinesis
                              Properties:
                                Stream: !GetAtt ClickStream.Arn
                                StartingPosition: TRIM_HORIZON
                                MaximumRetryAttempts: 3
                                DestinationConfig:
                                  OnFailure: {Type: SQS, Destination: !GetAtt OrdersQueue.Arn}
                      BillingFunction:
                        Type: AWS::Serverless::Function
                        Properties:
                          FunctionName: billing
                          AutoPublishAlias: live
                          Events:
                            Table:
                              Type: DynamoDB
                              Properties:
                                Stream: !GetAtt AccountsTable.StreamArn
                                StartingPosition: LATEST
                                MaximumBatchingWindowInSeconds: 2
                    """).valid(CONFIG).config().mappings();

        assertThat(mappings)
                .extracting(mapping -> mapping.eventSourceArn() + " -> " + mapping.function())
                .containsExactly(
                        "arn:aws:sqs:eu-west-1:123456789012:OrdersQueue -> OrdersFunction",
                        "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks -> OrdersFunction",
                        "arn:aws:dynamodb:eu-west-1:123456789012:table/accounts/stream/latest -> billing:live");
        assertThat(mappings.getFirst()).satisfies(queue -> {
            assertThat(queue.batchSize()).isEqualTo(5);
            assertThat(queue.reportBatchItemFailures()).isTrue();
            assertThat(((QueueMembers) queue.source()).maximumConcurrency()).hasValue(3);
        });
        assertThat((StreamMembers) mappings.get(1).source()).satisfies(stream -> {
            assertThat(stream.maximumRetryAttempts()).isEqualTo(3);
            assertThat(stream.onFailureDestination()).isEqualTo("arn:aws:sqs:eu-west-1:123456789012:OrdersQueue");
        });
        assertThat(mappings.get(2).maximumBatchingWindow()).isEqualTo(Duration.ofSeconds(2));
    }

    private static final String SAM_STREAMS = """
        Transform: AWS::Serverless-2016-10-31
        Parameters: {Factor: {Type: Number, Default: 4}}
        Conditions: {Never: !Equals [a, b]}
        Resources:
          Clicks: {Type: AWS::Kinesis::Stream, Properties: {StreamModeDetails: {StreamMode: ON_DEMAND}}}
          Failed: {Type: AWS::SNS::Topic}
          FailedBucket: {Type: AWS::S3::Bucket, Properties: {BucketName: clicks-failed}}
          Accounts:
            Type: AWS::DynamoDB::Table
            Properties: {StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}}
          OrdersFunction:
            Type: AWS::Serverless::Function
            Properties:
              Events:
                Stream:
                  Type: Kinesis
                  Properties:
                    Stream: !GetAtt Clicks.Arn
                    StartingPosition: AT_TIMESTAMP
                    StartingPositionTimestamp: 1700000000
                    Enabled: !If [Never, true, false]
                    BatchSize: 500
                    MaximumBatchingWindowInSeconds: 3
                    ParallelizationFactor: !Ref Factor
                    MaximumRetryAttempts: 0
                    MaximumRecordAgeInSeconds: 3600
                    BisectBatchOnFunctionError: true
                    FunctionResponseTypes: [ReportBatchItemFailures]
                    FilterCriteria: {Filters: [{Pattern: '{"data": {"kind": ["click"]}}'}]}
                    DestinationConfig: {OnFailure: {Type: SNS, Destination: !Ref Failed}}
                    MetricsConfig: {Metrics: [EventCount]}
                    KmsKeyArn: arn:aws:kms:eu-west-1:123456789012:key/a
                Table:
                  Type: DynamoDB
                  Properties:
                    Stream: !GetAtt Accounts.StreamArn
                    StartingPosition: TRIM_HORIZON
                    TumblingWindowInSeconds: 60
                    DestinationConfig: {OnFailure: {Type: S3, Destination: !GetAtt FailedBucket.Arn}}
        """;

    @Test
    void readsEveryPropertyOfASamStreamEvent() {
        List<EventSourceMapping> mappings = fixture.file("template.yaml", SAM_STREAMS)
                .valid(CONFIG)
                .config()
                .mappings();

        assertThat(mappings)
                .extracting(EventSourceMapping::source)
                .containsExactly(
                        new StreamMembers(
                                StartingPosition.AT_TIMESTAMP,
                                Instant.ofEpochSecond(1_700_000_000),
                                4,
                                0,
                                Duration.ofHours(1),
                                true,
                                Duration.ZERO,
                                "arn:aws:sns:eu-west-1:123456789012:Failed"),
                        new StreamMembers(
                                StartingPosition.TRIM_HORIZON,
                                null,
                                1,
                                -1,
                                Duration.ZERO,
                                false,
                                Duration.ofMinutes(1),
                                "arn:aws:s3:::clicks-failed"));
        assertThat(mappings.getFirst()).satisfies(stream -> {
            assertThat(stream.eventSourceArn()).hasToString("arn:aws:kinesis:eu-west-1:123456789012:stream/Clicks");
            assertThat(stream.enabled()).isFalse();
            assertThat(stream.batchSize()).isEqualTo(500);
            assertThat(stream.filterPatterns()).hasSize(1);
            assertThat(stream.reportBatchItemFailures()).isTrue();
        });
    }

    @Test
    void readsStreamMappingsOfACloudFormationTemplate() {
        String consumer = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks/consumer/fast:1700000000";
        List<EventSourceMapping> mappings = fixture.file("template.yaml", """
            Resources:
              Clicks: {Type: AWS::Kinesis::Stream, Properties: {Name: clicks, ShardCount: 2}}
              Dead: {Type: AWS::SQS::Queue}
              Polled:
                Type: AWS::Lambda::EventSourceMapping
                Properties:
                  FunctionName: OrdersFunction
                  EventSourceArn: !Sub "arn:${AWS::Partition}:kinesis:${AWS::Region}:${AWS::AccountId}:stream/${Clicks}"
                  StartingPosition: LATEST
                  DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}
              Pushed:
                Type: AWS::Lambda::EventSourceMapping
                Properties:
                  FunctionName: OrdersFunction
                  EventSourceArn: %s
                  StartingPosition: TRIM_HORIZON
            """.formatted(consumer))
                .valid(CONFIG)
                .config()
                .mappings();

        assertThat(mappings)
                .extracting(mapping -> mapping.eventSourceArn().toString())
                .containsExactly("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", consumer);
        assertThat(((StreamMembers) mappings.getFirst().source()).onFailureDestination())
                .isEqualTo("arn:aws:sqs:eu-west-1:123456789012:Dead");
    }

    @Test
    void reportsAStreamEventAtTheEvent() {
        LoadedConfig loaded = fixture.file("template.yaml", """
            Resources:
              Clicks: {Type: AWS::Kinesis::Stream}
              OrdersFunction:
                Type: AWS::Serverless::Function
                Properties:
                  Events:
                    NoStart: {Type: Kinesis, Properties: {Stream: !GetAtt Clicks.Arn}}
                    NoStream: {Type: DynamoDB, Properties: {StartingPosition: LATEST}}
                    Name:
                      Type: Kinesis
                      Properties: {Stream: !Ref Clicks, StartingPosition: LATEST}
            """).load(CONFIG);

        String path = "Resources.OrdersFunction.Properties.Events.";
        assertThat(fixture.problems(loaded))
                .hasSize(3)
                .satisfiesExactly(
                        problem -> assertThat(problem)
                                .startsWith("template.yaml:7: " + path + "NoStart.Properties.StartingPosition: ")
                                .endsWith("Write TRIM_HORIZON for the oldest records there are, or LATEST for new ones"
                                        + " only"),
                        problem -> assertThat(problem)
                                .isEqualTo("template.yaml:8: " + path + "NoStream.Properties.Stream: is required"),
                        problem -> assertThat(problem)
                                .startsWith("template.yaml:11: " + path + "Name.Properties.EventSourceArn: ")
                                .contains("'Clicks'"));
    }

    @Test
    void readsACloudFormationTemplateInJson() {
        DaemonConfig config = fixture.file("template.json", """
            {
            	"Parameters": {"Batch": {"Type": "Number", "Default": 7}},
            	"Resources": {
            		"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": true}},
            		"Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "billing"}},
            		"Mapping": {
            			"Type": "AWS::Lambda::EventSourceMapping",
            			"Properties": {
            				"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
            				"FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
            				"BatchSize": {"Ref": "Batch"},
            				"KmsKeyArn": {"Ref": "AWS::NoValue"}
            			}
            		}
            	}
            }
            """)
                .valid(CONFIG.replace("template.yaml", "template.json"))
                .config();

        assertThat(config.mappings()).singleElement().satisfies(mapping -> {
            assertThat(mapping.eventSourceArn().toString()).isEqualTo("arn:aws:sqs:eu-west-1:123456789012:Queue.fifo");
            assertThat(mapping.function().qualifiedArn())
                    .isEqualTo("arn:aws:lambda:eu-west-1:123456789012:function:billing");
            assertThat(mapping.batchSize()).isEqualTo(7);
            assertThat(mapping.kmsKeyArn()).isNull();
        });
    }

    private static final String INTRINSICS = """
        Parameters:
          Stage: {Type: String, Default: test}
          Names: {Type: CommaDelimitedList, Default: "a, b"}
          Open: {Type: String}
        Mappings:
          Queues: {test: {Name: mapped}, prod: {Name: other}}
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
          IsTest: !Not [!Condition IsProd]
          Both: !And [!Condition IsTest, !Equals [a, a]]
          Either: !Or [!Condition IsProd, !Condition IsTest]
          Neither: !Or [!Condition IsProd, !Equals [a, b]]
          Loop: !Condition Loop
        Resources:
          Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "q-${Stage}"}}
          Anonymous: {Type: AWS::SQS::Queue}
          Circular: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt Circular.QueueName}}
          Imported: {Type: AWS::SQS::Queue, Properties: {QueueName: !ImportValue Shared}}
          S: {Type: AWS::Kinesis::Stream}
          Consumer: {Type: AWS::Kinesis::StreamConsumer}
          Bucket: {Type: AWS::S3::Bucket}
          Vpc: {Type: AWS::EC2::VPC}
          M:
            Type: AWS::Lambda::EventSourceMapping
            Properties:
              FunctionName: OrdersFunction
              EventSourceArn: EXPRESSION
        """;

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        !GetAtt Q.Arn | q-test
        !GetAtt Anonymous.Arn | Anonymous
        !Sub "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:x-${Stage}" | x-test
        !Sub "${Q.Arn}-x" | q-test-x
        !Sub ["${Base}-${!Stage}", {Base: !GetAtt Q.Arn}] | q-test-${Stage}
        !Join [":", [arn, aws, sqs, !Ref "AWS::Region", !Ref "AWS::AccountId", !GetAtt Q.QueueName]] | q-test
        !Join ["", ["arn:aws:sqs:eu-west-1:123456789012:", !Select [1, !Ref Names]]] | b
        !Join ["", ["arn:aws:sqs:eu-west-1:123456789012:", !Select [2, !Split ["/", "x/y/z"]]]] | z
        !Sub ["arn:aws:sqs:eu-west-1:123456789012:${N}", {N: !FindInMap [Queues, !Ref Stage, Name]}] | mapped
        !If [IsProd, !GetAtt Anonymous.Arn, !GetAtt Q.Arn] | q-test
        !If [Both, !GetAtt Anonymous.Arn, !GetAtt Q.Arn] | Anonymous
        !If [Either, !GetAtt Anonymous.Arn, !GetAtt Q.Arn] | Anonymous
        !If [Neither, !GetAtt Anonymous.Arn, !GetAtt Q.Arn] | q-test
        Fn::GetAtt: [Q, Arn] | q-test
        """)
    void worksOutIntrinsicFunctions(String expression, String queue) {
        LoadedConfig loaded =
                fixture.file("template.yaml", template(expression)).load(CONFIG);

        if (queue.contains("$")) {
            // A literal ${} is no queue's name, but it must arrive as written.
            assertThat(fixture.problems(loaded))
                    .singleElement()
                    .asString()
                    .endsWith("Found: arn:aws:sqs:eu-west-1:123456789012:" + queue);
        } else {
            assertThat(fixture.valid(loaded).config().mappings())
                    .extracting(mapping -> mapping.eventSourceArn().toString())
                    .containsExactly("arn:aws:sqs:eu-west-1:123456789012:" + queue);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        !Ref Q | Ref Q: is the queue's URL, a mapping needs its ARN: write !GetAtt Q.Arn
        !GetAtt R.Arn | Fn::GetAtt R.Arn: no such resource or parameter in this template; did you mean 'Q'?
        !GetAtt Anonimous.Arn | Fn::GetAtt Anonimous.Arn: no such resource or parameter in this template; did you mean 'Anonymous'?
        !Ref Open | Ref Open: the parameter has no Default; give it one, or write in the configuration: Templates: [{File: ..., Parameters: {Open: value}}]
        !Sub "${AWS::StackName}" | Fn::Sub ${AWS::StackName}: has no value outside AWS; give it one in the configuration: Templates: [{File: ..., Parameters: {"AWS::StackName": value}}]
        !ImportValue Shared-Queue | Fn::ImportValue Shared-Queue: cannot be worked out here; write the value itself, or put the mapping below EventSourceMappings of the configuration
        !GetAtt Vpc.Arn | Fn::GetAtt Vpc.Arn: Arn of AWS::EC2::VPC cannot be worked out; write the value itself
        !GetAtt Consumer.ConsumerARN | Fn::GetAtt Consumer.ConsumerARN: AWS::Kinesis::StreamConsumer has its ARN only after creation; write that ARN itself
        !GetAtt Q | Fn::GetAtt Q: needs a resource and an attribute, such as OrdersQueue.Arn
        !Select [5, [a, b]] | Fn::Select: needs an index and a list that has it
        !FindInMap [Queues, dev, Name] | Fn::FindInMap: finds nothing at Queues.dev.Name below Mappings
        !If [Nowhere, a, b] | the condition 'Nowhere' is not below Conditions
        """)
    void saysWhatToDoAboutWhatItCannotWorkOut(String expression, String message) {
        LoadedConfig loaded =
                fixture.file("template.yaml", template(expression)).load(CONFIG);

        assertThat(fixture.problems(loaded))
                .containsExactly("template.yaml:27: Resources.M.Properties.EventSourceArn: " + message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        !GetAtt Circular.Arn | template.yaml:17: Resources.Circular.Properties.QueueName: refers to itself
        !GetAtt Imported.Arn | template.yaml:18: Resources.Imported.Properties.QueueName: Fn::ImportValue Shared: cannot be worked out here; write the value itself, or put the mapping below EventSourceMappings of the configuration
        !If [Loop, a, b] | template.yaml:13: Conditions.Loop: refers to itself
        """)
    void namesThePlaceOfTheCause(String expression, String problem) {
        LoadedConfig loaded =
                fixture.file("template.yaml", template(expression)).load(CONFIG);

        assertThat(fixture.problems(loaded)).containsExactly(problem);
    }

    @Test
    void givesUpOnReferencesThatMultiply() {
        StringBuilder template = new StringBuilder("Resources:\n");
        for (int i = 0; i < 40; i++) {
            template.append(
                    "  Q%d: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub \"${Q%d.QueueName}${Q%d.QueueName}\"}}%n"
                            .formatted(i, i + 1, i + 1));
        }
        template.append("  Q40: {Type: AWS::SQS::Queue}\n")
                .append("  M:\n    Type: AWS::Lambda::EventSourceMapping\n")
                .append("    Properties: {FunctionName: OrdersFunction, EventSourceArn: !GetAtt Q0.Arn}\n");
        LoadedConfig loaded = fixture.file("template.yaml", template.toString()).load(CONFIG);

        assertThat(fixture.problems(loaded))
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem).contains("too many values"));
    }

    @Test
    void takesParametersFromTheConfiguration() {
        String config = CONFIG.replace(
                "[template.yaml]",
                "[{File: template.yaml, Parameters: {Open: arn:aws:sqs:eu-west-1:123456789012:given, Stage: prod}}]");
        DaemonConfig loaded = fixture.file("template.yaml", template("!Ref Open"))
                .valid(config)
                .config();

        assertThat(loaded.mappings())
                .extracting(mapping -> mapping.eventSourceArn().resource())
                .containsExactly("given");
    }

    @Test
    void skipsResourcesWhoseConditionDoesNotHold() {
        DaemonConfig config = fixture.file(
                        "template.yaml", template("!GetAtt Q.Arn") + """
                              Other:
                                Type: AWS::Lambda::EventSourceMapping
                                Condition: IsProd
                                Properties: {EventSourceArn: nonsense}
                            """.replaceAll("(?m)^  {4}", ""))
                .valid(CONFIG)
                .config();

        assertThat(config.mappings()).hasSize(1);
    }

    @Test
    void saysWhatIsMissingWhenATemplateIsGivenAlone() {
        fixture.file("template.yaml", template("!GetAtt Q.Arn"));

        assertThat(fixture.problems(fixture.loadFile("template.yaml")))
                .containsExactly(
                        "template.yaml:1: Functions: is missing: a template says what to poll, not how to invoke the"
                                + " functions. Write a configuration that names both, such as: {Templates:"
                                + " [template.yaml], Functions: {NAME: {Http: {Url: \"http://127.0.0.1:9001/\"}}}}",
                        "template.yaml:26: Resources.M.Properties.FunctionName: Function does not exist: no function"
                            + " 'OrdersFunction' below Functions; add it there, with an invoker that says how to call"
                            + " it");
    }

    @Test
    void reportsEventsItCannotServe() {
        LoadedConfig loaded = fixture.file("template.yaml", """
            Resources:
              OrdersFunction:
                Type: AWS::Serverless::Function
                Properties:
                  Events:
                    NoQueue:
                      Type: SQS
                      Properties: {BatchSize: 1}
                    Unknown:
                      Type: SQS
                      Properties:
                        Queue: arn:aws:sqs:eu-west-1:123456789012:q
                        BatchSise: 1
                    Foreign:
                      Type: SQS
                      Properties:
                        Queue: arn:aws:sqs:eu-west-1:123456789012:q
                        StartingPosition: LATEST
            """).load(CONFIG);

        assertThat(fixture.problems(loaded))
                .containsExactly(
                        "template.yaml:8: Resources.OrdersFunction.Properties.Events.NoQueue.Properties.Queue: is"
                                + " required",
                        "template.yaml:13: Resources.OrdersFunction.Properties.Events.Unknown.Properties.BatchSise:"
                                + " unknown key; did you mean 'BatchSize'?",
                        "template.yaml:18:"
                                + " Resources.OrdersFunction.Properties.Events.Foreign.Properties.StartingPosition:"
                                + " Unsupported StartingPosition parameter for given event source mapping type.");
    }

    @Test
    void warnsOfPolledEventsThatNobodyServes() {
        LoadedConfig.Valid valid = fixture.file("template.yaml", """
            Resources:
              OrdersFunction:
                Type: AWS::Serverless::Function
                Properties:
                  Events:
                    Topic: {Type: MSK, Properties: {Stream: x}}
                    Timer: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}
                    Queue: {Type: SQS, Properties: {Queue: "arn:aws:sqs:eu-west-1:123456789012:q"}}
            """).valid(CONFIG);

        assertThat(fixture.lines(valid.warnings()))
                .containsExactly(
                        "template.yaml:6: Resources.OrdersFunction.Properties.Events.Topic: is left out: Millrace"
                                + " polls SQS, Kinesis and DynamoDB, not MSK");
    }

    private static String template(String expression) {
        // The expression of a block mapping goes to a line of its own.
        String value = expression.startsWith("Fn::") ? "\n        " + expression : expression;
        return INTRINSICS.replace("EXPRESSION", value);
    }
}
