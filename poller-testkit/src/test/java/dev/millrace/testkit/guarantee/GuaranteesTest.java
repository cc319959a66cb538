package dev.millrace.testkit.guarantee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A guarantee that cannot fail proves nothing: each is shown a run that breaks it, and one that only looks like it. */
final class GuaranteesTest {

    private static final String ONE = "daemon-1";
    private static final String OTHER = "daemon-2";

    private final AtLeastOnce atLeastOnce = new AtLeastOnce();
    private final PerGroupOrder order = new PerGroupOrder();
    private final SerialPerGroup serial = new SerialPerGroup();
    private final Ledger ledger = new Ledger(atLeastOnce, order, serial);

    @Test
    void acceptsARunWithoutFault() {
        send("a1", "a2", "b1");
        ledger.processed(start(ONE, "a1", "b1"));
        ledger.processed(start(ONE, "a2"));

        assertThatCode(ledger::check).doesNotThrowAnyException();
        assertThat(atLeastOnce.duplicates()).isEmpty();
    }

    @Test
    void noticesALostMessage() {
        send("a1", "a2");
        ledger.processed(start(ONE, "a1"));

        assertThatThrownBy(ledger::check).hasMessageContaining("1 of 2 messages were never processed: [a2]");
        assertThat(atLeastOnce.owed()).isEqualTo(1);
    }

    @Test
    void countsAMessageThatADeadConsumerHadWithTheFunctionAsLost() {
        send("a1");
        Invocation orphan = start(ONE, "a1");
        ledger.killed(ONE);

        assertThat(ledger.processed(orphan)).as("processed").isFalse();
        assertThatThrownBy(ledger::check).hasMessageContaining("never processed");
    }

    @Test
    void noticesAMessageThatWasNeverSent() {
        ledger.processed(start(ONE, "a1"));

        assertThatThrownBy(ledger::check).hasMessageContaining("processed but never sent: [a1]");
    }

    @Test
    void countsDuplicatesForTheConsumerThatDidNotDelete() {
        send("a1", "b1");
        ledger.processed(start(ONE, "a1", "b1"));
        ledger.processed(start(OTHER, "a1"));
        ledger.processed(start(OTHER, "a1"));

        assertThat(atLeastOnce.duplicates()).containsOnly(Map.entry(ONE, 1), Map.entry(OTHER, 1));
        assertThatCode(ledger::check).doesNotThrowAnyException();
    }

    @Test
    void noticesAGroupOutOfOrder() {
        send("a1", "a2");
        ledger.processed(start(ONE, "a2"));
        ledger.processed(start(ONE, "a1"));

        assertThatThrownBy(ledger::check).hasMessageContaining("a2 of group a reached the function before 1 earlier");
    }

    @Test
    void noticesABatchOutOfOrder() {
        send("a1", "a2");
        ledger.processed(start(ONE, "a2", "a1"));

        assertThatThrownBy(ledger::check).hasMessageContaining("PerGroupOrder");
    }

    @Test
    void noticesAMessageThatOvertookAnUnfinishedOne() {
        send("a1", "a2");
        start(ONE, "a1");
        ledger.killed(ONE);
        ledger.processed(start(OTHER, "a2"));
        ledger.processed(start(OTHER, "a1"));

        assertThatThrownBy(ledger::check).hasMessageContaining("PerGroupOrder");
    }

    @Test
    void allowsAGroupToBeRepeatedFromTheBeginning() {
        send("a1", "a2", "a3");
        ledger.processed(start(ONE, "a1", "a2"));
        ledger.killed(ONE);
        ledger.processed(start(OTHER, "a1"));
        ledger.processed(start(OTHER, "a2", "a3"));

        assertThatCode(ledger::check).doesNotThrowAnyException();
    }

    @Test
    void noticesAGroupInTwoInvocationsAtATime() {
        send("a1", "a2");
        Invocation first = start(ONE, "a1");
        Invocation second = start(OTHER, "a1");
        ledger.processed(first);
        ledger.processed(second);
        ledger.processed(start(ONE, "a2"));

        assertThatThrownBy(ledger::check)
                .hasMessageContaining("SerialPerGroup: group a is in invocation 2 of daemon-2");
    }

    @Test
    void doesNotBlameAConsumerForWhatADeadOneLeftRunning() {
        send("a1");
        Invocation orphan = start(ONE, "a1");
        ledger.killed(ONE);
        Invocation late = start(ONE, "a1");
        ledger.processed(start(OTHER, "a1"));
        assertThat(ledger.processed(orphan)).isFalse();
        assertThat(ledger.processed(late)).isFalse();

        assertThatCode(ledger::check).doesNotThrowAnyException();
    }

    @Test
    void asksNothingOfMessagesWithoutGroup() {
        Sent first = new Sent("1", null);
        Sent second = new Sent("2", null);
        ledger.sent(first);
        ledger.sent(second);
        Invocation one = ledger.started(ONE, List.of(second));
        Invocation other = ledger.started(OTHER, List.of(first));
        ledger.processed(one);
        ledger.processed(other);

        assertThatCode(ledger::check).doesNotThrowAnyException();
    }

    private void send(String... ids) {
        messages(ids).forEach(ledger::sent);
    }

    private Invocation start(String consumer, String... ids) {
        return ledger.started(consumer, messages(ids));
    }

    private static List<Sent> messages(String... ids) {
        return Stream.of(ids).map(id -> new Sent(id, id.substring(0, 1))).toList();
    }
}
