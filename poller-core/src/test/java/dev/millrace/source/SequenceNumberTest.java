package dev.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceNumberTest {

    @Test
    void comparesAsANumber() {
        List<String> texts = List.of(
                "0",
                "00",
                "9",
                "10",
                "0010",
                "100000000003498069978",
                "49590338271490256608559692538361571095921575989136588898",
                "49590338271490256608559692540925702759324208523137515618");
        for (String a : texts) {
            for (String b : texts) {
                SequenceNumber left = SequenceNumber.of(a);
                SequenceNumber right = SequenceNumber.of(b);
                int expected = new BigInteger(a).compareTo(new BigInteger(b));
                assertThat(Integer.signum(left.compareTo(right)))
                        .as(a + " and " + b)
                        .isEqualTo(expected);
                assertThat(left.isAfter(right)).isEqualTo(expected > 0);
                assertThat(left.equals(right)).isEqualTo(expected == 0);
                assertThat(expected != 0 || left.hashCode() == right.hashCode()).isTrue();
            }
        }
    }

    @Test
    void printsAsTheStreamPrintedIt() {
        assertThat(SequenceNumber.of("0042")).hasToString("0042");
    }

    @Test
    void isMadeOfDigits() {
        for (String text : List.of("", "x", "1x", "-1", " 1", "1.0", "١")) {
            assertThat(SequenceNumber.isSequenceNumber(text)).as(text).isFalse();
            assertThatThrownBy(() -> SequenceNumber.of(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
