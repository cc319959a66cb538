package dev.millrace.testkit.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DynamoDbLocalTest {

    @Test
    void endsWithTheParentThatHoldsItsStandardInput() throws IOException, InterruptedException {
        try (DynamoDbLocal server = DynamoDbLocal.start()) {
            assertThat(server.process().isAlive()).isTrue();

            server.process().getOutputStream().close();

            assertThat(server.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(server.process().exitValue()).isZero();
        }
    }

    @Test
    void keepsWhatItHoldsToItself() {
        try (DynamoDbLocal one = DynamoDbLocal.start();
                TestTable table = TestTable.create(one.asEndpoint())) {
            assertThat(DynamoDbLocal.shared().endpoint()).isNotEqualTo(one.endpoint());
            assertThat(DynamoDbLocal.at(one.endpoint())).contains(one);
            assertThat(table.streamArn())
                    .startsWith("arn:aws:dynamodb:ddblocal:000000000000:table/" + table.name() + "/stream/");
        }
    }
}
