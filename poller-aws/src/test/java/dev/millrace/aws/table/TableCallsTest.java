package dev.millrace.aws.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.checkpoint.StoreException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

class TableCallsTest {

    private final TableCalls calls = new TableCalls("progress", "Store.Table", "dynamodb:GetItem, PutItem");

    private String messageOf(RuntimeException failure) {
        try {
            return calls.make("dynamodb:GetItem", () -> {
                throw failure;
            });
        } catch (StoreException e) {
            assertThat(e).hasCause(failure);
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void answersWhatTheCallDoes() throws Exception {
        assertThat(calls.make("dynamodb:GetItem", () -> "item")).isEqualTo("item");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | AccessDeniedException | need dynamodb:GetItem; all that nodes need for this table:"
                        + " dynamodb:GetItem, PutItem.",
                "400 | ResourceNotFoundException | it does not exist",
                "400 | ProvisionedThroughputExceededException | bill it by request.",
                "500 | InternalServerError | DynamoDB failed",
                "400 | ValidationException | refused the call"
            })
    void saysWhatToDoAboutAnAnswer(int status, String code, String expected) {
        RuntimeException answer = DynamoDbException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage("said so")
                        .build())
                .build();

        assertThat(messageOf(answer))
                .startsWith("the table progress, Store.Table: ")
                .contains(expected, "said so")
                .endsWith(".")
                .doesNotContain("tried again");
    }

    @Test
    void saysWhatToDoWhereThereIsNoAnswer() {
        assertThat(messageOf(SdkClientException.create("failed", new ConnectException("Connection refused"))))
                .contains("Connection refused", "Check the network and Aws.Endpoints.DynamoDb.");
        assertThat(messageOf(ApiCallTimeoutException.builder().message("slow").build()))
                .contains("does not answer in time.");
    }

    @Test
    void passesAnInterruptOn() {
        assertThatThrownBy(() -> calls.make("dynamodb:GetItem", () -> {
                    throw SdkClientException.create("failed", new InterruptedException());
                }))
                .isInstanceOf(InterruptedException.class);
    }
}
