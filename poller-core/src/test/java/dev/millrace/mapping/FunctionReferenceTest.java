package dev.millrace.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.AwsSettings;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionReferenceTest {

    @ParameterizedTest(name = "{0} in {1}")
    @CsvSource(delimiter = '|', textBlock = """
        f | us-east-1 | arn:aws:lambda:us-east-1:000000000000:function:f
        f:7 | us-east-1 | arn:aws:lambda:us-east-1:000000000000:function:f:7
        f:$LATEST | us-east-1 | arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST
        function:f:prod | eu-central-1 | arn:aws:lambda:eu-central-1:000000000000:function:f:prod
        111122223333:function:f:prod | eu-central-1 | arn:aws:lambda:eu-central-1:111122223333:function:f:prod
        f | cn-north-1 | arn:aws-cn:lambda:cn-north-1:000000000000:function:f
        f | us-gov-west-1 | arn:aws-us-gov:lambda:us-gov-west-1:000000000000:function:f
        f | us-isob-east-1 | arn:aws-iso-b:lambda:us-isob-east-1:000000000000:function:f
        f | elasticmq | arn:aws:lambda:elasticmq:000000000000:function:f
        arn:aws:lambda:eu-west-1:111122223333:function:f | cn-north-1 | arn:aws:lambda:eu-west-1:111122223333:function:f
        arn:aws-cn:lambda:cn-north-1:111122223333:function:f:prod | us-east-1 | arn:aws-cn:lambda:cn-north-1:111122223333:function:f:prod
        """)
    void isWhereTheTextSaysOrElseWhereTheDaemonIs(String text, String region, String arn) {
        AwsSettings aws = new AwsSettings(region, "000000000000", Map.of());

        assertThat(FunctionReference.parse(text, aws))
                .hasValueSatisfying(
                        reference -> assertThat(reference.qualifiedArn()).isEqualTo(arn));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "f g", "f:", "arn:aws:sqs:us-east-1:000000000000:q", "f:$OLDEST"})
    void refusesOtherTexts(String text) {
        assertThat(FunctionReference.matches(text)).isFalse();
        assertThat(FunctionReference.parse(text, new AwsSettings("us-east-1", "000000000000", Map.of())))
                .isEmpty();
    }
}
