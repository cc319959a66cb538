package dev.millrace.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFilterTest {

    private static final JsonMapper JSON = new JsonMapper();

    /** Spec 6.2: every operator, on a JSON body; columns: rules for the field f, the body, whether it passes. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "['x']                               | {'f':'x'}           | true",
                "['x']                               | {'f':'X'}           | false",
                "['x','y']                           | {'f':'y'}           | true",
                "['x']                               | {'g':'x'}           | false",
                "[1]                                 | {'f':1}             | true",
                "[1]                                 | {'f':'1'}           | false",
                "[true]                              | {'f':true}          | true",
                "[true]                              | {'f':'true'}        | false",
                "[null]                              | {'f':null}          | true",
                "[null]                              | {}                  | false",
                "['']                                | {'f':''}            | true",
                "['']                                | {'f':' '}           | false",
                "['é']                               | {'f':'e\u0301'}     | false",
                "[300]                               | {'f':300.0}         | true",
                "[300]                               | {'f':3.0e2}         | true",
                "[300]                               | {'f':300.1}         | false",
                "[12345678901]                       | {'f':12345678901}   | true",
                "[{'equals-ignore-case':'ab'}]       | {'f':'AB'}          | true",
                "[{'prefix':'ab'}]                   | {'f':'abc'}         | true",
                "[{'prefix':'ab'}]                   | {'f':'cab'}         | false",
                "[{'prefix':{'equals-ignore-case':'ab'}}] | {'f':'ABc'}    | true",
                "[{'suffix':'.png'}]                 | {'f':'a.png'}       | true",
                "[{'suffix':{'equals-ignore-case':'.PNG'}}] | {'f':'a.png'} | true",
                "[{'anything-but':'x'}]              | {'f':'y'}           | true",
                "[{'anything-but':'x'}]              | {'f':'x'}           | false",
                "[{'anything-but':'x'}]              | {}                  | false",
                "[{'anything-but':['x','y']}]        | {'f':'y'}           | false",
                "[{'anything-but':[1,2]}]            | {'f':3}             | true",
                "[{'anything-but':{'prefix':'x'}}]   | {'f':'yx'}          | true",
                "[{'anything-but':{'suffix':'x'}}]   | {'f':'yx'}          | false",
                "[{'anything-but':{'equals-ignore-case':'x'}}] | {'f':'X'} | false",
                "[{'anything-but':{'wildcard':'a*c'}}] | {'f':'abc'}       | false",
                "[{'numeric':['>',10]}]              | {'f':10.5}          | true",
                "[{'numeric':['>',10]}]              | {'f':10}            | false",
                "[{'numeric':['>=',10,'<',20]}]      | {'f':10}            | true",
                "[{'numeric':['>=',10,'<',20]}]      | {'f':20}            | false",
                "[{'numeric':['=',3.0e2]}]           | {'f':300}           | true",
                "[{'numeric':['<=',10]}]             | {'f':10}            | true",
                "[{'numeric':['<',10]}]              | {'f':10}            | false",
                "[{'numeric':['>',10]}]              | {'f':'11'}          | false",
                "[{'exists':true}]                   | {'f':null}          | true",
                "[{'exists':true}]                   | {}                  | false",
                "[{'exists':true}]                   | {'f':{'g':1}}       | false",
                "[{'exists':false}]                  | {}                  | true",
                "[{'exists':false}]                  | {'f':1}             | false",
                "[{'exists':false}]                  | {'f':{'g':1}}       | true",
                "[{'cidr':'10.0.0.0/24'}]            | {'f':'10.0.0.7'}    | true",
                "[{'cidr':'10.0.0.0/24'}]            | {'f':'10.0.1.7'}    | false",
                "[{'wildcard':'a*b'}]                | {'f':'axxb'}        | true",
                "[{'wildcard':'a\\\\*b'}]            | {'f':'a*b'}         | true",
                "[{'exactly':'x'}]                   | {'f':'x'}           | true",
                "['10.0.0.1']                        | {'f':'10.0.0.1'}    | true",
                "['10.0.0.1']                        | {'f':'10.0.0.2'}    | false",
                "['::1']                             | {'f':'0:0:0:0:0:0:0:1'} | true",
                "['y']                               | {'f':['x','y']}     | true",
                "['z']                               | {'f':['x','y']}     | false",
                "[{'anything-but':'x'}]              | {'f':['x','y']}     | true",
            })
    void operatorsMeanWhatAwsSays(String rules, String body, boolean passes) {
        String pattern = json("{'body':{'f':" + rules + "}}");

        assertThat(RecordFilter.reason(pattern, DataKey.BODY, FilterOperators.ALL))
                .isEmpty();
        assertThat(filter(pattern).matches(sqs(json(body)))).isEqualTo(passes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // Fields of one pattern are ANDed.
                "{'body':{'a':[1],'b':[2]}}                            | {'a':1,'b':2}             | true",
                "{'body':{'a':[1],'b':[2]}}                            | {'a':1,'b':3}             | false",
                // $or among fields, beside a field, nested.
                "{'body':{'$or':[{'a':[1]},{'b':[2]}]}}                | {'b':2}                   | true",
                "{'body':{'c':[3],'$or':[{'a':[1]},{'b':[2]}]}}        | {'b':2}                   | false",
                "{'body':{'$or':[{'a':[1]},{'$or':[{'b':[2]},{'c':[3]}]}]}} | {'c':3}              | true",
                // $or as an ordinary field.
                "{'body':{'$or':['x','y']}}                            | {'$or':'y'}               | true",
                "{'body':{'$or':[{'prefix':'x'},{'suffix':'y'}]}}      | {'$or':'ay'}              | true",
                // Both conditions must hold in one element of an array.
                "{'body':{'l':{'a':[1],'b':[2]}}}                      | {'l':[{'a':1,'b':2}]}     | true",
                "{'body':{'l':{'a':[1],'b':[2]}}}                      | {'l':[{'a':1},{'b':2}]}   | false",
                // A key with a dot also means the path.
                "{'body.a':[1]}                                        | {'a':1}                   | true",
                "{'body':{'a.b':[1]}}                                  | {'a':{'b':1}}             | true",
                // The body may be an array of objects.
                "{'body':{'a':[1]}}                                    | [{'a':2},{'a':1}]         | true",
                "{'body':{'a':[1]}}                                    | []                        | false",
            })
    void fieldsCombineAsAwsSays(String pattern, String body, boolean passes) {
        assertThat(filter(json(pattern)).matches(sqs(json(body)))).isEqualTo(passes);
    }

    @Test
    void passesWhenAnyPatternMatches() {
        RecordFilter filter = filter(json("{'body':{'a':[1]}}"), json("{'body':{'b':[2]}}"), json("{'body':['text']}"));

        assertThat(filter.matches(sqs(json("{'a':1}")))).isTrue();
        assertThat(filter.matches(sqs(json("{'b':2}")))).isTrue();
        assertThat(filter.matches(sqs("text"))).isTrue();
        assertThat(filter.matches(sqs(json("{'a':2,'b':1}")))).isFalse();
    }

    /** Spec 6.4, the rows of SQS: a mismatch of formats drops, whatever the rules are. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'body':{'a':[1]}}                          | {'a':1}     | true",
                "{'body':{'a':[1]}}                          | {'a':2}     | false",
                "{'body':['text']}                           | {'a':1}     | false",
                "{'body':[{'anything-but':['text']}]}        | {'a':1}     | false",
                "{'body':[{'exists':false}]}                 | {'a':1}     | false",
                "{'body':['x']}                              | ['x']       | false",
                "{'body':{'a':[1]}}                          | text        | false",
                "{'body':{'a':[{'exists':false}]}}           | text        | false",
                "{'body':['text']}                           | text        | true",
                "{'body':['text']}                           | other       | false",
                "{'body':[{'anything-but':['text']}]}        | other       | true",
                "{'body':['42']}                             | 42          | true",
                "{'body':['{broken']}                        | {broken     | true",
                "{'eventSource':['aws:sqs']}                 | {'a':1}     | true",
                "{'eventSource':['aws:sqs']}                 | text        | true",
                "{'eventSource':['other']}                   | text        | false",
                "{'eventSource':['aws:sqs'],'body':['text']} | text        | true",
                "{'$or':[{'body':['text']},{'body':{'a':[1]}}]} | text     | true",
                "{'$or':[{'body':['text']},{'body':{'a':[1]}}]} | {'a':1}  | true",
                "{'$or':[{'body':['text']},{'body':{'a':[{'exists':false}]}}]} | other | false",
                "{'$or':[{'body':['text']},{'eventSource':['aws:sqs']}]} | {'a':1} | true",
            })
    void bodiesAndPatternsOfDifferentFormatsDoNotMatch(String pattern, String body, boolean passes) {
        assertThat(filter(json(pattern)).matches(sqs(json(body)))).isEqualTo(passes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'messageAttributes':{'Author':{'stringValue':['me']}}} | true",
                "{'messageAttributes':{'Author':{'stringValue':['you']}}} | false",
                "{'attributes':{'ApproximateReceiveCount':['1']}}        | true",
                "{'eventSourceARN':[{'suffix':':orders'}]}               | true",
                "{'messageAttributes':{'Nobody':{'stringValue':[{'exists':false}]}}} | true",
            })
    void metadataCanBeFiltered(String pattern, boolean passes) {
        assertThat(filter(json(pattern)).matches(sqs("text"))).isEqualTo(passes);
    }

    /** Spec 6.4, the row of Kinesis, and 6.3: data and the members beside it stand at the top level. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'data':{'a':[1]}}                     | {'a':1} | true",
                "{'data':{'a':[1]}}                     | {'a':2} | false",
                "{'data':{'a':[{'exists':false}]}}      | text    | false",
                "{'data':{'a':[{'exists':false}]}}      | 42      | false",
                "{'partitionKey':['k']}                 | text    | true",
                "{'partitionKey':['k'],'data':{'a':[1]}} | {'a':1} | true",
                "{'eventName':['aws:kinesis:record']}   | text    | true",
            })
    void kinesisDataIsDecoded(String pattern, String data, boolean passes) {
        RecordFilter filter = RecordFilter.compile(List.of(json(pattern)), DataKey.DATA, FilterOperators.DOCUMENTED);
        String base64 = Base64.getEncoder().encodeToString(json(data).getBytes(StandardCharsets.UTF_8));

        assertThat(filter.matches(bytes(
                        "{'kinesis':{'partitionKey':'k','data':'" + base64 + "'},'eventName':'aws:kinesis:record'}")))
                .isEqualTo(passes);
    }

    /** Spec 6.3: typed JSON; numbers are strings there, so numeric never matches them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'dynamodb':{'NewImage':{'n':{'N':['5']}}}}                       | true",
                "{'dynamodb':{'NewImage':{'n':{'N':[{'numeric':['=',5]}]}}}}       | false",
                "{'dynamodb':{'ApproximateCreationDateTime':[{'numeric':['>',1]}]}} | true",
                "{'dynamodb':{'OldImage':{'n':{'N':[{'exists':false}]}}}}          | true",
                "{'eventName':['INSERT']}                                          | true",
                "{'eventName':['REMOVE']}                                          | false",
            })
    void dynamoDbRecordsAreFilteredAsTypedJson(String pattern, boolean passes) {
        RecordFilter filter =
                RecordFilter.compile(List.of(json(pattern)), DataKey.DYNAMODB, FilterOperators.DOCUMENTED);

        assertThat(filter.matches(bytes("{'eventName':'INSERT','dynamodb':{'ApproximateCreationDateTime':1767322800,"
                        + "'Keys':{'id':{'S':'x'}},'NewImage':{'n':{'N':'5'}}}}")))
                .isEqualTo(passes);
    }

    /** Spec 6.2, last line, and what the engine cannot compile. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "not JSON",
                "",
                "'text'",
                "42",
                "null",
                "['x']",
                "{}",
                "{'body':'text'}",
                "{'body':{'a':'text'}}",
                "{'body':{'a':1}}",
                "{'body':[]}",
                "{'body':{'a':[]}}",
                "{'body':{}}",
                "{'body':{'a':[['x']]}}",
                "{'body':{'a':[{'prefix':1}]}}",
                "{'body':{'a':[{'prefix':'x','suffix':'y'}]}}",
                "{'body':{'a':[{'no-such':'x'}]}}",
                "{'body':{'a':[{}]}}",
                "{'body':{'a':[{'numeric':['~',1]}]}}",
                "{'body':{'a':[{'numeric':[]}]}}",
                "{'body':{'a':[{'numeric':['>','1']}]}}",
                "{'body':{'a':[{'exists':'yes'}]}}",
                "{'body':{'a':[{'anything-but':[]}]}}",
                "{'body':{'a':[{'anything-but':['x',1]}]}}",
                "{'body':{'a':[{'cidr':'10.0.0.0/99'}]}}",
                "{'body':{'a':[{'cidr':'nowhere'}]}}",
                "{'body':{'a':[{'wildcard':'a**b'}]}}",
                "{'body':{'a':[{'wildcard':'a\\\\b'}]}}",
                "{'body':['x']} {'body':['y']}",
                "{'body':['x'],'body':['y']}",
                "{'body':{'a':[1]},'body.a':[2]}",
                "{'body':['x'],'$or':[{'a':[1]}]}",
            })
    void refusesWhatCannotBeMatched(String pattern) {
        assertThat(RecordFilter.reason(json(pattern), DataKey.BODY, FilterOperators.ALL))
                .isPresent();
        assertThatThrownBy(() -> filter(json(pattern))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{'wildcard':'a*b'}]",
                "[{'cidr':'10.0.0.0/24'}]",
                "[{'exactly':'x'}]",
                "[{'anything-but':{'prefix':'x'}}]",
                "['x',{'anything-but':{'wildcard':'x*'}}]",
            })
    void operatorsOfTheEngineAloneNeedTheSwitch(String rules) {
        List<String> patterns = List.of(
                json("{'body':{'f':" + rules + "}}"),
                json("{'body':" + rules + "}"),
                json("{'$or':[{'body':{'f':" + rules + "}},{'eventSource':['x']}]}"));

        assertThat(patterns).allSatisfy(pattern -> {
            assertThat(RecordFilter.reason(pattern, DataKey.BODY, FilterOperators.ALL))
                    .isEmpty();
            assertThat(RecordFilter.reason(pattern, DataKey.BODY, FilterOperators.DOCUMENTED))
                    .isPresent();
            assertThat(RecordFilter.reason(pattern, DataKey.BODY, FilterOperators.DOCUMENTED)
                            .orElseThrow())
                    .contains("not documented");
        });
    }

    @Test
    void streamsRefusePlainPatternsForTheirData() {
        assertThat(RecordFilter.reason(json("{'data':['x']}"), DataKey.DATA, FilterOperators.ALL))
                .isPresent();
        assertThat(RecordFilter.reason(json("{'dynamodb':['x']}"), DataKey.DYNAMODB, FilterOperators.ALL))
                .isPresent();
        assertThat(RecordFilter.reason(
                        json("{'$or':[{'data':['x']},{'eventName':['y']}]}"), DataKey.DATA, FilterOperators.ALL))
                .isPresent();
    }

    @Test
    void refusesAlternativesThatMultiplyBeyondAThousandCombinations() {
        String ten = IntStream.range(0, 10)
                .mapToObj(i -> "'f" + i + "':{'$or':[{'x':[1]},{'y':[1]}]}")
                .collect(Collectors.joining(","));
        String many = IntStream.range(0, 100)
                .mapToObj(i -> "'f" + i + "':{'$or':[{'x':[1]},{'y':[1]}]}")
                .collect(Collectors.joining(","));

        assertThat(RecordFilter.reason(json("{'body':{" + many + "}}"), DataKey.BODY, FilterOperators.ALL))
                .hasValueSatisfying(reason -> assertThat(reason).contains("1000 combinations"));
        assertThat(RecordFilter.reason(json("{'body':{" + ten + "}}"), DataKey.BODY, FilterOperators.ALL))
                .hasValueSatisfying(reason -> assertThat(reason).contains("1000 combinations"));
    }

    @Test
    void refusesWildcardsThatOverlapTooMuch() {
        String wildcards = IntStream.range(0, 150)
                .mapToObj(i -> "{'wildcard':'*a" + i + "*'}")
                .collect(Collectors.joining(","));

        assertThat(RecordFilter.reason(json("{'body':{'f':[" + wildcards + "]}}"), DataKey.BODY, FilterOperators.ALL))
                .hasValueSatisfying(reason -> assertThat(reason).contains("wildcards"));
    }

    @Test
    void looksAtNothingWithoutPatterns() {
        RecordFilter filter = RecordFilter.compile(List.of(), DataKey.BODY, FilterOperators.DOCUMENTED);

        assertThat(filter.matches("not JSON at all".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
    }

    @Test
    void bodiesThatAreNestedTooDeeplyCountAsPlainText() {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);

        assertThat(filter(json("{'body':{'a':[1]}}")).matches(sqs(deep))).isFalse();
        assertThat(filter(json("{'body':[{'prefix':'[['}]}")).matches(sqs(deep)))
                .isTrue();
    }

    private static RecordFilter filter(String... patterns) {
        return RecordFilter.compile(List.of(patterns), DataKey.BODY, FilterOperators.ALL);
    }

    private static byte[] sqs(String body) {
        ObjectNode sqsRecord = JSON.createObjectNode();
        sqsRecord.put("messageId", "m").put("receiptHandle", "r").put("body", body);
        sqsRecord.putObject("attributes").put("ApproximateReceiveCount", "1");
        sqsRecord.putObject("messageAttributes").putObject("Author").put("stringValue", "me");
        sqsRecord.put("eventSource", "aws:sqs").put("eventSourceARN", "arn:aws:sqs:us-east-1:000000000000:orders");
        return sqsRecord.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return json(text).getBytes(StandardCharsets.UTF_8);
    }

    /** Lets the tables use single quotes. */
    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
