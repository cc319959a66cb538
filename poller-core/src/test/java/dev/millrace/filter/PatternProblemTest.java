package dev.millrace.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.mapping.EventSourceKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternProblemTest {

    /** Grammar of spec 6.2; the last three columns of rules are 6.4's plain patterns. */
    @ParameterizedTest(name = "{0} {1} -> {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        SQS_STANDARD | {"body":["a",1,true,null,""]} | true
        SQS_STANDARD | {"body":{"a":{"b":["c"]}}} | true
        SQS_STANDARD | {"body":[{"prefix":"x"}]} | true
        SQS_STANDARD | {"body":[{"anything-but":{"suffix":"x"}}]} | true
        SQS_STANDARD | {"body":[{"numeric":[">",1,"<",5]},{"exists":false}]} | true
        SQS_STANDARD | {"$or":[{"a":[1]},{"b":[2]}],"c":[3]} | true
        SQS_STANDARD | {"body":{"$or":[{"a":[1]},{"$or":[{"b":[2]},{"c":[2]}]}]}} | true
        SQS_STANDARD | {"$or":["x"]} | true
        SQS_STANDARD | not json | false
        SQS_STANDARD | "text" | false
        SQS_STANDARD | 1 | false
        SQS_STANDARD | [] | false
        SQS_STANDARD | {"k":"scalar"} | false
        SQS_STANDARD | {"k":[]} | false
        SQS_STANDARD | {"k":[[1]]} | false
        SQS_STANDARD | {"k":[{}]} | false
        SQS_STANDARD | {"k":[{"prefix":"a","suffix":"b"}]} | false
        SQS_STANDARD | {"k":[{"starts":"a"}]} | false
        SQS_STANDARD | {"k":[1]} {"k":[2]} | false
        SQS_STANDARD | {"$or":[{"a":[1]},{"b":2}]} | false
        SQS_STANDARD | {"$or":[{"prefix":"a"},{"suffix":"b"}]} | true
        SQS_STANDARD | {"body":["plain"]} | true
        KINESIS | {"data":["plain"]} | false
        KINESIS | {"data":{"a":["b"]},"partitionKey":["1"]} | true
        KINESIS | {"$or":[{"data":["plain"]},{"partitionKey":["1"]}]} | false
        DYNAMODB_STREAMS | {"dynamodb":[{"exists":true}]} | false
        DYNAMODB_STREAMS | {"eventName":["INSERT"]} | true
        """)
    void knowsAWellFormedPattern(EventSourceKind kind, String pattern, boolean valid) {
        assertThat(isValid(pattern, kind)).isEqualTo(valid);
    }

    @ParameterizedTest
    @CsvSource({"''"})
    void refusesNothingAtAll(String pattern) {
        assertThat(isValid(pattern, EventSourceKind.SQS_FIFO)).isFalse();
    }

    private static boolean isValid(String pattern, EventSourceKind kind) {
        return RecordFilter.reason(pattern, DataKey.of(kind), FilterOperators.ALL)
                .isEmpty();
    }
}
