package dev.millrace.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InvokerTest {

    @Test
    void doesNotKnowItsCapacityUnlessItSaysSo() {
        Invoker invoker = new Invoker() {
            @Override
            public InvocationOutcome invoke(InvocationRequest request) {
                return new InvocationOutcome.Succeeded(Payload.EMPTY);
            }

            @Override
            public void close() {}
        };

        assertThat(invoker.capacity()).isEmpty();
    }
}
