package dev.millrace.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.Problems;
import dev.millrace.filter.DataKey;
import dev.millrace.filter.FilterOperators;
import dev.millrace.filter.RecordFilter;
import dev.millrace.mapping.EventSourceMapping.QueueMembers;
import dev.millrace.mapping.EventSourceMapping.StartingPosition;
import dev.millrace.mapping.EventSourceMapping.StreamMembers;
import dev.millrace.mapping.MappingOptions.QueueOptions;
import dev.millrace.mapping.MappingOptions.StreamOptions;
import dev.millrace.mapping.MappingOptions.WhenUndeliverable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MappingRulesTest {

    private static final AwsSettings AWS = new AwsSettings("us-east-1", "000000000000", Map.of());

    private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");
    private static final String QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders";
    private static final String FIFO = QUEUE + ".fifo";
    private static final String KINESIS = "arn:aws:kinesis:us-east-1:000000000000:stream/clicks";
    private static final String TABLE =
            "arn:aws:dynamodb:us-east-1:000000000000:table/accounts/stream/2026-01-01T00:00:00.000";
    private static final MappingRules RULES =
            new MappingRules(MappingRules.DEFAULT_FILTER_QUOTA, MappingRulesTest::reason, AWS);

    /** Each row: spec row, source, members, offending member, error code, message. */
    @ParameterizedTest(name = "{0}: {1} {2} -> {3}")
    @CsvSource(delimiter = '|', textBlock = """
        # No source (1.4), other sources
        1.4 no source | | | EventSourceArn | Invalid | Unrecognized event source.
        1.1 unserved source | arn:aws:kafka:us-east-1:000000000000:cluster/c/1 | | EventSourceArn | Invalid | Unrecognized event source. Expected the ARN of an SQS queue, a Kinesis stream or stream consumer, or a DynamoDB stream; found: arn:aws:kafka:us-east-1:000000000000:cluster/c/1
        1.1 table without stream | arn:aws:dynamodb:us-east-1:000000000000:table/accounts | 'StartingPosition':'LATEST' | EventSourceArn | Invalid | Unrecognized event source. Expected the ARN of an SQS queue, a Kinesis stream or stream consumer, or a DynamoDB stream; found: arn:aws:dynamodb:us-east-1:000000000000:table/accounts
        1.1 short name of a table | arn:aws:dynamodb:us-east-1:000000000000:table/ab/stream/latest | 'StartingPosition':'LATEST' | EventSourceArn | Invalid | Unrecognized event source. A table's stream is table/NAME/stream/LABEL; a table's name has 3 to 255 letters, digits, dots, hyphens and underscores. Found: arn:aws:dynamodb:us-east-1:000000000000:table/ab/stream/latest
        1.1 name of a queue | arn:aws:sqs:us-east-1:000000000000:a.b | | EventSourceArn | Invalid | Unrecognized event source. A queue's name has 1 to 80 letters, digits, hyphens and underscores; that of a FIFO queue ends in .fifo. Found: arn:aws:sqs:us-east-1:000000000000:a.b
        1.1 [M] ARN pattern | orders | | EventSourceArn | Validation | 1 validation error detected: Value 'orders' at 'eventSourceArn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)
        # Model limits (1.1)
        1.1 [M] BatchSize | QUEUE | 'BatchSize':0 | BatchSize | Validation | 1 validation error detected: Value '0' at 'batchSize' failed to satisfy constraint: Member must have value greater than or equal to 1
        1.1 [M] BatchSize | KINESIS | 'BatchSize':10001,'StartingPosition':'LATEST' | BatchSize | Validation | 1 validation error detected: Value '10001' at 'batchSize' failed to satisfy constraint: Member must have value less than or equal to 10000
        1.1 [M] window | QUEUE | 'MaximumBatchingWindowInSeconds':301 | MaximumBatchingWindowInSeconds | Validation | 1 validation error detected: Value '301' at 'maximumBatchingWindowInSeconds' failed to satisfy constraint: Member must have value less than or equal to 300
        1.1 [M] ParallelizationFactor | KINESIS | 'ParallelizationFactor':11,'StartingPosition':'LATEST' | ParallelizationFactor | Validation | 1 validation error detected: Value '11' at 'parallelizationFactor' failed to satisfy constraint: Member must have value less than or equal to 10
        1.1 [M] MaximumRetryAttempts | TABLE | 'MaximumRetryAttempts':-2,'StartingPosition':'LATEST' | MaximumRetryAttempts | Validation | 1 validation error detected: Value '-2' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value greater than or equal to -1
        1.1 [M] MaximumRecordAge | TABLE | 'MaximumRecordAgeInSeconds':604801,'StartingPosition':'LATEST' | MaximumRecordAgeInSeconds | Validation | 1 validation error detected: Value '604801' at 'maximumRecordAgeInSeconds' failed to satisfy constraint: Member must have value less than or equal to 604800
        1.1 [M] TumblingWindow | KINESIS | 'TumblingWindowInSeconds':901,'StartingPosition':'LATEST' | TumblingWindowInSeconds | Validation | 1 validation error detected: Value '901' at 'tumblingWindowInSeconds' failed to satisfy constraint: Member must have value less than or equal to 900
        1.1 [M] MaximumConcurrency | QUEUE | 'ScalingConfig':{'MaximumConcurrency':1} | ScalingConfig.MaximumConcurrency | Validation | 1 validation error detected: Value '1' at 'scalingConfig.maximumConcurrency' failed to satisfy constraint: Member must have value greater than or equal to 2
        1.1 [M] MaximumConcurrency | FIFO | 'ScalingConfig':{'MaximumConcurrency':1001} | ScalingConfig.MaximumConcurrency | Validation | 1 validation error detected: Value '1001' at 'scalingConfig.maximumConcurrency' failed to satisfy constraint: Member must have value less than or equal to 1000
        1.1 [M] MinimumPollers | QUEUE | 'ProvisionedPollerConfig':{'MinimumPollers':201,'MaximumPollers':300} | ProvisionedPollerConfig.MinimumPollers | Validation | 1 validation error detected: Value '201' at 'provisionedPollerConfig.minimumPollers' failed to satisfy constraint: Member must have value less than or equal to 200
        1.1 [M] MaximumPollers | QUEUE | 'ProvisionedPollerConfig':{'MaximumPollers':10001} | ProvisionedPollerConfig.MaximumPollers | Validation | 1 validation error detected: Value '10001' at 'provisionedPollerConfig.maximumPollers' failed to satisfy constraint: Member must have value less than or equal to 10000
        1.1 pollers of SQS | QUEUE | 'ProvisionedPollerConfig':{'MinimumPollers':1} | ProvisionedPollerConfig.MinimumPollers | Invalid | MinimumPollers must be greater than or equal to 2 for SQS event sources.
        1.1 pollers of SQS | QUEUE | 'ProvisionedPollerConfig':{'MaximumPollers':1} | ProvisionedPollerConfig.MaximumPollers | Invalid | MaximumPollers must be greater than or equal to 2 for SQS event sources.
        1.1 [M] response types | QUEUE | 'FunctionResponseTypes':['Report'] | FunctionResponseTypes | Validation | 1 validation error detected: Value '[Report]' at 'functionResponseTypes' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [ReportBatchItemFailures]]
        1.1 [M] response types | QUEUE | 'FunctionResponseTypes':['ReportBatchItemFailures','ReportBatchItemFailures'] | FunctionResponseTypes | Validation | 1 validation error detected: Value '[ReportBatchItemFailures, ReportBatchItemFailures]' at 'functionResponseTypes' failed to satisfy constraint: Member must have length less than or equal to 1
        1.1 [M] metrics | QUEUE | 'MetricsConfig':{'Metrics':['Lag']} | MetricsConfig.Metrics | Validation | 1 validation error detected: Value '[Lag]' at 'metricsConfig.metrics' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [ErrorCount, EventCount, KafkaMetrics]]
        1.1 metrics of SQS | QUEUE | 'MetricsConfig':{'Metrics':['EventCount','ErrorCount']} | MetricsConfig.Metrics | Invalid | Unsupported metric ErrorCount for given event source mapping type; supported: EventCount.
        9 UUID | QUEUE | 'UUID':'short' | UUID | Validation | 1 validation error detected: Value 'short' at 'uuid' failed to satisfy constraint: Member must have length greater than or equal to 36
        1.1 [M] tags | QUEUE | 'Tags':{'':'x'} | Tags | Validation | 1 validation error detected: Value '=x' at 'tags' failed to satisfy constraint: Map keys must have length 1 to 128, values at most 256
        # Cross-field rules (1.2), queues
        1.2.1 batch without window | QUEUE | 'BatchSize':11 | MaximumBatchingWindowInSeconds | Invalid | Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10
        1.2.1 batch without window | QUEUE | 'BatchSize':11,'MaximumBatchingWindowInSeconds':0 | MaximumBatchingWindowInSeconds | Invalid | Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10
        1.2.2 FIFO batch | FIFO | 'BatchSize':11 | BatchSize | Invalid | Maximum batch size for FIFO queues is 10
        1.2.2 FIFO window | FIFO | 'MaximumBatchingWindowInSeconds':1 | MaximumBatchingWindowInSeconds | Invalid | Batching window is not supported for FIFO queues
        1.2.4 both scalings | QUEUE | 'ScalingConfig':{'MaximumConcurrency':2},'ProvisionedPollerConfig':{'MinimumPollers':2} | ScalingConfig | Invalid | ScalingConfig and ProvisionedPollerConfig cannot be used together.
        1.2.5 pollers | QUEUE | 'ProvisionedPollerConfig':{'MinimumPollers':20,'MaximumPollers':19} | ProvisionedPollerConfig.MaximumPollers | Invalid | MaximumPollers must be greater than or equal to MinimumPollers.
        # Cross-field rules (1.2), streams
        1.4 no StartingPosition | KINESIS | | StartingPosition | Invalid | 1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.
        1.4 StartingPosition enum | TABLE | 'StartingPosition':'x' | StartingPosition | Validation | 1 validation error detected: Value 'x' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]
        1.2.6 age 0 to 59 | KINESIS | 'MaximumRecordAgeInSeconds':59,'StartingPosition':'LATEST' | MaximumRecordAgeInSeconds | Invalid | MaximumRecordAgeInSeconds must be -1 (no limit) or from 60 to 604800.
        1.2.6 age 0 to 59 | KINESIS | 'MaximumRecordAgeInSeconds':0,'StartingPosition':'LATEST' | MaximumRecordAgeInSeconds | Invalid | MaximumRecordAgeInSeconds must be -1 (no limit) or from 60 to 604800.
        1.2.7 tumbling and parallel | KINESIS | 'TumblingWindowInSeconds':1,'ParallelizationFactor':2,'StartingPosition':'LATEST' | ParallelizationFactor | Invalid | ParallelizationFactor must be 1 if TumblingWindowInSeconds is greater than 0.
        1.2.8 timestamp needed | KINESIS | 'StartingPosition':'AT_TIMESTAMP' | StartingPositionTimestamp | Invalid | StartingPositionTimestamp is required if StartingPosition is AT_TIMESTAMP.
        1.2.8 timestamp alone | KINESIS | 'StartingPosition':'LATEST','StartingPositionTimestamp':1 | StartingPositionTimestamp | Invalid | StartingPositionTimestamp is only allowed if StartingPosition is AT_TIMESTAMP.
        1.2.8 future timestamp | KINESIS | 'StartingPosition':'AT_TIMESTAMP','StartingPositionTimestamp':'2026-05-01T00:00:01Z' | StartingPositionTimestamp | Invalid | StartingPositionTimestamp cannot be in the future.
        1.2.9 DynamoDB at timestamp | TABLE | 'StartingPosition':'AT_TIMESTAMP' | StartingPosition | Invalid | Unsupported starting position for arn type: arn:aws:dynamodb:us-east-1:000000000000:table/accounts/stream/2026-01-01T00:00:00.000
        1.2.13 FIFO destination | KINESIS | 'DestinationConfig':{'OnFailure':{'Destination':'arn:aws:sns:us-east-1:000000000000:t.fifo'}},'StartingPosition':'LATEST' | DestinationConfig.OnFailure.Destination | Invalid | FIFO queues and FIFO topics are not supported as on-failure destinations.
        1.1 destination kinds | KINESIS | 'DestinationConfig':{'OnFailure':{'Destination':'arn:aws:lambda:us-east-1:000000000000:function:f'}},'StartingPosition':'LATEST' | DestinationConfig.OnFailure.Destination | Invalid | The destination must be the ARN of an SQS queue, an SNS topic or an S3 bucket, or begin with file:, http:// or https://.
        1.1 no OnSuccess | KINESIS | 'DestinationConfig':{'OnSuccess':{}},'StartingPosition':'LATEST' | DestinationConfig.OnSuccess | Invalid | Unsupported OnSuccess parameter for given event source mapping type.
        # Members of other kinds (1.1 "-", 1.4)
        1.4 DestinationConfig on SQS | QUEUE | 'DestinationConfig':{} | DestinationConfig | Invalid | Unsupported DestinationConfig parameter for given event source mapping type.
        1.1 StartingPosition on SQS | QUEUE | 'StartingPosition':'LATEST' | StartingPosition | Invalid | Unsupported StartingPosition parameter for given event source mapping type.
        1.1 ParallelizationFactor on SQS | FIFO | 'ParallelizationFactor':1 | ParallelizationFactor | Invalid | Unsupported ParallelizationFactor parameter for given event source mapping type.
        1.1 MaximumRetryAttempts on SQS | QUEUE | 'MaximumRetryAttempts':3 | MaximumRetryAttempts | Invalid | Unsupported MaximumRetryAttempts parameter for given event source mapping type.
        1.1 MaximumRecordAge on SQS | QUEUE | 'MaximumRecordAgeInSeconds':-1 | MaximumRecordAgeInSeconds | Invalid | Unsupported MaximumRecordAgeInSeconds parameter for given event source mapping type.
        1.1 bisect on SQS | QUEUE | 'BisectBatchOnFunctionError':false | BisectBatchOnFunctionError | Invalid | Unsupported BisectBatchOnFunctionError parameter for given event source mapping type.
        1.1 tumbling on SQS | QUEUE | 'TumblingWindowInSeconds':0 | TumblingWindowInSeconds | Invalid | Unsupported TumblingWindowInSeconds parameter for given event source mapping type.
        1.1 timestamp on SQS | QUEUE | 'StartingPositionTimestamp':1 | StartingPositionTimestamp | Invalid | Unsupported StartingPositionTimestamp parameter for given event source mapping type.
        1.1 timestamp on DynamoDB | TABLE | 'StartingPosition':'LATEST','StartingPositionTimestamp':1 | StartingPositionTimestamp | Invalid | Unsupported StartingPositionTimestamp parameter for given event source mapping type.
        1.1 ScalingConfig on streams | KINESIS | 'ScalingConfig':{},'StartingPosition':'LATEST' | ScalingConfig | Invalid | Unsupported ScalingConfig parameter for given event source mapping type.
        1.1 pollers on streams | TABLE | 'ProvisionedPollerConfig':{},'StartingPosition':'LATEST' | ProvisionedPollerConfig | Invalid | Unsupported ProvisionedPollerConfig parameter for given event source mapping type.
        1.1 poller group on SQS | QUEUE | 'ProvisionedPollerConfig':{'PollerGroupName':'g'} | ProvisionedPollerConfig.PollerGroupName | Invalid | Unsupported PollerGroupName parameter for given event source mapping type.
        1.1 Topics | QUEUE | 'Topics':['t'] | Topics | Invalid | Unsupported Topics parameter for given event source mapping type.
        1.1 Queues | QUEUE | 'Queues':['q'] | Queues | Invalid | Unsupported Queues parameter for given event source mapping type.
        1.1 LoggingConfig | QUEUE | 'LoggingConfig':{} | LoggingConfig | Invalid | Unsupported LoggingConfig parameter for given event source mapping type.
        1.1 access configurations | KINESIS | 'SourceAccessConfigurations':[],'StartingPosition':'LATEST' | SourceAccessConfigurations | Invalid | Unsupported SourceAccessConfigurations parameter for given event source mapping type.
        1.1 DocumentDB | QUEUE | 'DocumentDBEventSourceConfig':{} | DocumentDBEventSourceConfig | Invalid | Unsupported DocumentDBEventSourceConfig parameter for given event source mapping type.
        # Filters (1.4, 6.1, 6.4)
        1.4 pattern | QUEUE | 'FilterCriteria':{'Filters':[{'Pattern':'{\\'a\\':[1]}'},{'Pattern':'[]'}]} | FilterCriteria.Filters[1].Pattern | Invalid | Invalid filter pattern definition. Reason: the pattern is not a JSON object
        1.4 pattern the engine refuses | QUEUE | 'FilterCriteria':{'Filters':[{'Pattern':'{\\'k\\':[{\\'wildcard\\':\\'*\\'}]}'}]} | FilterCriteria.Filters[0].Pattern | Invalid | Invalid filter pattern definition. Reason: 'wildcard' is not documented for event source mappings
        6.1 quota | QUEUE | 'FilterCriteria':{'Filters':[{'Pattern':'{\\'a\\':[1]}'},{'Pattern':'{\\'a\\':[1]}'},{'Pattern':'{\\'a\\':[1]}'},{'Pattern':'{\\'a\\':[1]}'},{'Pattern':'{\\'a\\':[1]}'},{'Pattern':'{\\'a\\':[1]}'}]} | FilterCriteria.Filters | Invalid | The number of filters (6) exceeds the limit of 5 for an event source mapping.
        # Ours
        Millrace options | QUEUE | 'Millrace':{'Retry':{}} | Millrace.Retry | Invalid | The option Retry applies to Kinesis and DynamoDB event sources only.
        Millrace options | FIFO | 'Millrace':{'IncludePayload':false} | Millrace.IncludePayload | Invalid | The option IncludePayload applies to Kinesis and DynamoDB event sources only.
        Millrace options | QUEUE | 'Millrace':{'MaximumRecordsInFlight':1} | Millrace.MaximumRecordsInFlight | Invalid | The option MaximumRecordsInFlight applies to Kinesis and DynamoDB event sources only.
        Millrace options | TABLE | 'StartingPosition':'LATEST','Millrace':{'Deaggregate':true} | Millrace.Deaggregate | Invalid | The option Deaggregate applies to Kinesis event sources only.
        Millrace options | KINESIS | 'StartingPosition':'LATEST','Millrace':{'WaitTimeSeconds':20} | Millrace.WaitTimeSeconds | Invalid | The option WaitTimeSeconds applies to SQS event sources only.
        Millrace options | KINESIS | 'StartingPosition':'LATEST','Millrace':{'MaximumRecordsInFlight':99} | Millrace.MaximumRecordsInFlight | Invalid | MaximumRecordsInFlight must be greater than or equal to BatchSize (100).
        Millrace options | KINESIS | 'StartingPosition':'LATEST','Millrace':{'Heartbeat':{}} | Millrace.Heartbeat | Invalid | The option Heartbeat applies to SQS event sources only.
        Millrace options | TABLE | 'StartingPosition':'LATEST','Millrace':{'Scaling':{'GrowthPreset':'Aws'}} | Millrace.Scaling | Invalid | The option Scaling applies to SQS event sources only.
        """, quoteCharacter = '~')
    void refusesWithAwsCodeAndMessage(
            String rule,
            @Nullable String source,
            @Nullable String members,
            String member,
            String code,
            String message) {
        assertThat(problems(request(source, members)))
                .as(rule)
                .containsExactly(new MappingProblem(
                        400,
                        code + (code.equals("Invalid") ? "ParameterValueException" : "Exception"),
                        member,
                        message));
    }

    /** The same members are fine: AWS's own defaults, and what people write. */
    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        1.1 defaults | QUEUE |
        1.1 defaults | FIFO |
        1.2.1 not on streams | KINESIS | 'StartingPosition':'TRIM_HORIZON','BatchSize':10000
        1.2.1 with window | QUEUE | 'BatchSize':10000,'MaximumBatchingWindowInSeconds':300
        1.2.2 zero window on FIFO | FIFO | 'MaximumBatchingWindowInSeconds':0,'BatchSize':10
        1.2.6 no age limit | TABLE | 'StartingPosition':'LATEST','MaximumRecordAgeInSeconds':-1
        1.2.6 shortest age | TABLE | 'StartingPosition':'LATEST','MaximumRecordAgeInSeconds':60
        1.2.7 tumbling alone | KINESIS | 'StartingPosition':'LATEST','TumblingWindowInSeconds':900,'ParallelizationFactor':1
        1.2.7 parallel alone | KINESIS | 'StartingPosition':'LATEST','TumblingWindowInSeconds':0,'ParallelizationFactor':10
        1.2.8 timestamp | KINESIS | 'StartingPosition':'AT_TIMESTAMP','StartingPositionTimestamp':1.5
        1.3 cleared | QUEUE | 'ScalingConfig':{},'ProvisionedPollerConfig':{},'FilterCriteria':{},'FunctionResponseTypes':[],'KMSKeyArn':''
        1.3 cleared | KINESIS | 'StartingPosition':'LATEST','DestinationConfig':{'OnFailure':{'Destination':''}}
        1.1 enhanced fan-out | arn:aws:kinesis:us-east-1:000000000000:stream/clicks/consumer/app:1525898737 | 'StartingPosition':'LATEST'
        1.1 metrics of queues | QUEUE | 'MetricsConfig':{'Metrics':['EventCount']}
        1.1 most pollers | QUEUE | 'ProvisionedPollerConfig':{'MinimumPollers':200,'MaximumPollers':10000}
        1.1 most concurrency | FIFO | 'ScalingConfig':{'MaximumConcurrency':1000}
        1.2.18 queue of another account | arn:aws:sqs:us-east-1:111122223333:orders |
        1.2.18 queue of another region | arn:aws:sqs:eu-central-1:000000000000:orders |
        1.1 destinations | KINESIS | 'StartingPosition':'LATEST','DestinationConfig':{'OnFailure':{'Destination':'arn:aws:s3:::bucket'}}
        1.2.13 a bucket is no FIFO queue | KINESIS | 'StartingPosition':'LATEST','DestinationConfig':{'OnFailure':{'Destination':'arn:aws:s3:::audit.fifo'}}
        our destinations | KINESIS | 'StartingPosition':'LATEST','DestinationConfig':{'OnFailure':{'Destination':'file:/var/log/discards.jsonl'}}
        our destinations | TABLE | 'StartingPosition':'LATEST','DestinationConfig':{'OnFailure':{'Destination':'https://host/discards'}}
        2 emulators' regions | arn:aws:sqs:elasticmq:000000000000:orders |
        """)
    void accepts(String rule, String source, @Nullable String members) {
        assertThat(problems(request(source, members))).as(rule).isEmpty();
    }

    @Test
    void fillsInTheDefaultsOfAQueue() {
        EventSourceMapping mapping = accepted(request("QUEUE", null));

        assertThat(mapping)
                .isEqualTo(new EventSourceMapping(
                        MappingRules.uuidOf(QUEUE, "orders-fn"),
                        Arn.parse(QUEUE).orElseThrow(),
                        FunctionReference.parse("orders-fn", AWS).orElseThrow(),
                        true,
                        10,
                        Duration.ZERO,
                        List.of(),
                        false,
                        QueueMembers.DEFAULT,
                        Set.of(),
                        null,
                        Map.of(),
                        MappingOptions.DEFAULT));
    }

    @Test
    void keepsTheKeyThatEncryptsFiltersAtAws() {
        String key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";

        assertThat(accepted(request("QUEUE", "'KMSKeyArn':'" + key + "'")).kmsKeyArn())
                .isEqualTo(key);
    }

    /** Spec 1.2.18: not enforced, since a daemon reaches both wherever they are. */
    @Test
    void takesAFunctionOfAnotherRegion() {
        String function = "arn:aws:lambda:eu-central-1:000000000000:function:orders-fn";

        assertThat(accepted(requestFor("QUEUE", function, null)).function().qualifiedArn())
                .isEqualTo(function);
    }

    @ParameterizedTest(name = "a pattern of {0} characters")
    @CsvSource({"4096, true", "4097, false"})
    void takesPatternsUpTo4096Characters(int length, boolean taken) {
        String start = "{'a':['";
        String pattern = start + "x".repeat(length - start.length() - "']}".length()) + "']}";
        assertThat(pattern).hasSize(length);
        List<MappingProblem> problems = problems(
                request("QUEUE", "'FilterCriteria':{'Filters':[{'Pattern':'" + pattern.replace("'", "\\'") + "'}]}"));

        assertThat(problems.isEmpty()).isEqualTo(taken);
        assertThat(problems)
                .allSatisfy(problem -> assertThat(problem.message())
                        .endsWith("at 'filterCriteria.filters.1.member.pattern' failed to satisfy constraint: Member"
                                + " must have length less than or equal to 4096"));
    }

    @Test
    void fillsInTheDefaultsOfAStream() {
        EventSourceMapping mapping = accepted(request("KINESIS", "'StartingPosition':'LATEST'"));

        assertThat(mapping.batchSize()).isEqualTo(100);
        assertThat(mapping.source())
                .isEqualTo(new StreamMembers(
                        StartingPosition.LATEST, null, 1, -1, Duration.ZERO, false, Duration.ZERO, null));
    }

    @Test
    void keepsEveryMemberOfAQueue() {
        EventSourceMapping mapping = accepted(request("QUEUE", """
            'UUID':'3b3ab2b4-6d0f-4b6c-8d5c-2f8f0a8d3c11','Enabled':false,'BatchSize':500,
            'MaximumBatchingWindowInSeconds':5,'FilterCriteria':{'Filters':[{'Pattern':'{\\'body\\':[\\'x\\']}'}]},
            'FunctionResponseTypes':['ReportBatchItemFailures'],'MetricsConfig':{'Metrics':['EventCount']},
            'ProvisionedPollerConfig':{'MaximumPollers':9},'Tags':[{'Key':'team','Value':'a'}],
            'Millrace':{'Heartbeat':{'MaximumSeconds':600},'RetryBackoff':{'BaseSeconds':2,'Factor':3,
            'MaximumSeconds':60},'ReleaseOnShutdown':true,'Scaling':{'GrowthPreset':'Aws','GrowthPerMinute':60},
            'WaitTimeSeconds':1,'MaximumBytesInFlight':6291456}\
            """));

        assertThat(mapping.uuid()).isEqualTo(UUID.fromString("3b3ab2b4-6d0f-4b6c-8d5c-2f8f0a8d3c11"));
        assertThat(mapping.enabled()).isFalse();
        assertThat(mapping.batchSize()).isEqualTo(500);
        assertThat(mapping.maximumBatchingWindow()).isEqualTo(Duration.ofSeconds(5));
        assertThat(mapping.filterPatterns()).containsExactly("{\"body\":[\"x\"]}");
        assertThat(mapping.reportBatchItemFailures()).isTrue();
        assertThat(mapping.metrics()).containsExactly("EventCount");
        assertThat(mapping.tags()).containsExactly(Map.entry("team", "a"));
        assertThat(mapping.source())
                .isEqualTo(new QueueMembers(OptionalInt.empty(), OptionalInt.of(2), OptionalInt.of(9)));
        assertThat(mapping.options())
                .isEqualTo(new MappingOptions(
                        new QueueOptions(
                                new MappingOptions.Heartbeat(Duration.ofMinutes(10)),
                                new MappingOptions.RetryBackoff(Duration.ofSeconds(2), 3, Duration.ofMinutes(1)),
                                true,
                                MappingOptions.GrowthPreset.AWS,
                                OptionalInt.of(60),
                                Duration.ofSeconds(1)),
                        StreamOptions.DEFAULT,
                        6_291_456));
    }

    @Test
    void keepsEveryMemberOfAStream() {
        EventSourceMapping mapping = accepted(request("KINESIS", """
            'BatchSize':500,'StartingPosition':'AT_TIMESTAMP','StartingPositionTimestamp':'2020-01-01T00:00:00Z',
            'ParallelizationFactor':10,'MaximumRetryAttempts':3,'MaximumRecordAgeInSeconds':60,
            'BisectBatchOnFunctionError':true,'DestinationConfig':{'OnFailure':{'Destination':'arn:aws:s3:::failed'}},
            'Millrace':{'Retry':{'BaseMilliseconds':100,'MaximumSeconds':1.5},'PollIntervalMilliseconds':250,
            'OnFailure':{'DeliverySeconds':0,'WhenUndeliverable':'Block'},'IncludePayload':true,'Deaggregate':true,
            'MaximumRecordsInFlight':500,'MaximumBytesInFlight':6291456}\
            """));

        assertThat(mapping.source())
                .isEqualTo(new StreamMembers(
                        StartingPosition.AT_TIMESTAMP,
                        Instant.parse("2020-01-01T00:00:00Z"),
                        10,
                        3,
                        Duration.ofSeconds(60),
                        true,
                        Duration.ZERO,
                        "arn:aws:s3:::failed"));
        assertThat(mapping.options())
                .isEqualTo(new MappingOptions(
                        QueueOptions.DEFAULT,
                        new StreamOptions(
                                new MappingOptions.Retry(Duration.ofMillis(100), Duration.ofMillis(1_500)),
                                Duration.ofMillis(250),
                                new MappingOptions.OnFailure(Duration.ZERO, WhenUndeliverable.BLOCK),
                                true,
                                true,
                                OptionalInt.of(500)),
                        6_291_456));
    }

    @Test
    void fillsInTheDefaultsOfAStreamsOptions() {
        MappingOptions options = accepted(request("KINESIS", "'StartingPosition':'LATEST','Millrace':{'OnFailure':{}}"))
                .options();

        assertThat(options).isEqualTo(MappingOptions.DEFAULT);
        assertThat(options.stream())
                .isEqualTo(new StreamOptions(
                        new MappingOptions.Retry(Duration.ofMillis(500), Duration.ofSeconds(60)),
                        null,
                        new MappingOptions.OnFailure(Duration.ofSeconds(60), WhenUndeliverable.CONTINUE),
                        false,
                        false,
                        OptionalInt.empty()));
    }

    @Test
    void reportsEverythingAtOnceModelLimitsFirst() {
        assertThat(problems(request("QUEUE", "'BatchSize':10001,'Topics':['t'],'StartingPosition':'LATEST'")))
                .extracting(MappingProblem::member)
                .containsExactly("BatchSize", "StartingPosition", "Topics", "MaximumBatchingWindowInSeconds");
    }

    @Test
    void takesTenFiltersWithTheQuotaRaised() {
        String ten = IntStream.range(0, 10)
                .mapToObj(_ -> "{'Pattern':'{\\'a\\':[1]}'}")
                .collect(Collectors.joining(","));
        MappingRequest request = request("QUEUE", "'FilterCriteria':{'Filters':[" + ten + "]}");

        assertThat(new MappingRules(MappingRules.MAXIMUM_FILTER_QUOTA, (_, _) -> Optional.empty(), AWS)
                        .check(request, NOW))
                .isInstanceOf(MappingVerdict.Accepted.class);
        assertThat(problems(request)).hasSize(1);
    }

    @Test
    void givesTheSameMappingTheSameIdentityAfterARestart() {
        assertThat(accepted(request("QUEUE", null)).uuid())
                .isEqualTo(accepted(request("QUEUE", "'BatchSize':3")).uuid())
                .isNotEqualTo(accepted(request("FIFO", null)).uuid());
    }

    @ParameterizedTest(name = "{0} {1} and {2}")
    @CsvSource(delimiter = '|', textBlock = """
        QUEUE | orders-fn | orders-fn | orders-fn
        QUEUE | orders-fn:prod | 000000000000:function:orders-fn:prod | orders-fn:prod
        FIFO | orders-fn | arn:aws:lambda:us-east-1:000000000000:function:orders-fn | orders-fn
        FIFO | orders-fn | arn:aws:lambda:eu-west-1:999999999999:function:orders-fn | orders-fn
        """)
    void refusesASecondMappingOfTheSameQueueAndFunction(String source, String first, String second, String shown) {
        EventSourceMapping existing = accepted(requestFor(source, first, null));
        EventSourceMapping candidate = accepted(requestFor(source, second, null));

        assertThat(conflict(candidate, existing))
                .contains(new MappingProblem(
                        409,
                        "ResourceConflictException",
                        "EventSourceArn",
                        "An event source mapping with SQS arn (\" " + candidate.eventSourceArn()
                                + " \") and function (\" "
                                + shown + " \") already exists. Please update or delete the existing mapping with UUID "
                                + existing.uuid()));
    }

    @Test
    void refusesASecondMappingOfTheSameStreamAndFunction() {
        EventSourceMapping mapping = accepted(request("KINESIS", "'StartingPosition':'LATEST'"));

        assertThat(conflict(mapping, mapping).map(MappingProblem::message))
                .contains("The event source arn (\" " + KINESIS + " \") and function (\" orders-fn \") provided mapping"
                        + " already exists. Please update or delete the existing mapping with UUID " + mapping.uuid());
    }

    @Test
    void takesTheUnqualifiedFunctionAndItsLatestVersionForTwo() {
        assertThat(conflict(
                        accepted(requestFor("QUEUE", "orders-fn", null)),
                        accepted(requestFor("QUEUE", "orders-fn:$LATEST", null))))
                .isEmpty();
    }

    @Test
    void refusesAnIdentityThatAnotherMappingHas() {
        String uuid = "'UUID':'3b3ab2b4-6d0f-4b6c-8d5c-2f8f0a8d3c11'";

        assertThat(conflict(accepted(requestFor("QUEUE", "g", uuid)), accepted(requestFor("FIFO", "f", uuid))))
                .contains(new MappingProblem(
                        409,
                        "ResourceConflictException",
                        "UUID",
                        "The UUID 3b3ab2b4-6d0f-4b6c-8d5c-2f8f0a8d3c11 already belongs to the mapping of " + FIFO
                                + " and f; remove one of them to have it made from source and function"));
    }

    @ParameterizedTest(name = "function {0} s, queue {1} s")
    @CsvSource({"60, 30, true", "30, 30, false", "3, 30, false"})
    void comparesTheFunctionsTimeoutWithTheQueuesVisibilityTimeout(int function, int queue, boolean refused) {
        Optional<String> message = MappingRules.visibilityTimeoutTooShort(
                        Duration.ofSeconds(queue), Duration.ofSeconds(function))
                .map(MappingProblem::message);

        assertThat(message.isPresent()).isEqualTo(refused);
        message.ifPresent(text -> assertThat(text)
                .isEqualTo("Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"));
    }

    @ParameterizedTest(name = "FunctionName {0}")
    @CsvSource({"''", "a b", "f:", "f:x:y", "a2345678901234567890123456789012345678901234567890123456789012345"})
    void refusesWhatIsNoFunctionName(String name) {
        assertThat(problems(requestFor("QUEUE", name, null)))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .startsWith("1 validation error detected: Value '" + name + "' at 'functionName' failed"));
    }

    private static Optional<MappingProblem> conflict(EventSourceMapping candidate, EventSourceMapping existing) {
        return MappingRules.conflict(candidate, List.of(existing));
    }

    private static EventSourceMapping accepted(MappingRequest request) {
        MappingVerdict verdict = RULES.check(request, NOW);
        assertThat(verdict).isInstanceOf(MappingVerdict.Accepted.class);
        return ((MappingVerdict.Accepted) verdict).mapping();
    }

    private static List<MappingProblem> problems(MappingRequest request) {
        return switch (RULES.check(request, NOW)) {
            case MappingVerdict.Accepted _ -> List.of();
            case MappingVerdict.Rejected rejected -> rejected.problems();
        };
    }

    private static MappingRequest request(@Nullable String source, @Nullable String members) {
        return requestFor(source, "orders-fn", members);
    }

    private static MappingRequest requestFor(@Nullable String source, String function, @Nullable String members) {
        String arn = switch (source) {
            case null -> null;
            case "QUEUE" -> QUEUE;
            case "FIFO" -> FIFO;
            case "KINESIS" -> KINESIS;
            case "TABLE" -> TABLE;
            default -> source;
        };
        Problems problems = new Problems();
        MappingRequest request = new MappingSection(JsonNodes.section(
                        "{'FunctionName':'" + function + "'" + (arn == null ? "" : ",'EventSourceArn':'" + arn + "'")
                                + (members == null ? "" : "," + members) + "}",
                        problems))
                .request();
        assertThat(problems.all()).isEmpty();
        return request;
    }

    private static Optional<String> reason(String pattern, EventSourceKind kind) {
        return RecordFilter.reason(pattern, DataKey.of(kind), FilterOperators.DOCUMENTED);
    }
}
