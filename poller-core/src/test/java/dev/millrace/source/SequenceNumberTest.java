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

    @Test
    void subRecordsStandBetweenTheirRecordAndTheNext() {
        List<SequenceNumber> inOrder = List.of(
                SequenceNumber.of("41"),
                SequenceNumber.of("41").subRecord(7),
                SequenceNumber.of("42"),
                SequenceNumber.of("42").subRecord(1),
                SequenceNumber.of("42").subRecord(2),
                SequenceNumber.of("42").subRecord(10),
                SequenceNumber.of("43"),
                SequenceNumber.of("420"));
        for (int i = 0; i < inOrder.size(); i++) {
            for (int j = 0; j < inOrder.size(); j++) {
                assertThat(Integer.signum(inOrder.get(i).compareTo(inOrder.get(j))))
                        .as(inOrder.get(i) + " and " + inOrder.get(j))
                        .isEqualTo(Integer.compare(i, j));
                assertThat(inOrder.get(i).equals(inOrder.get(j))).isEqualTo(i == j);
            }
        }
    }

    @Test
    void subRecordsAreStoredWithTheirNumberAndKnownByTheStreamsNumber() {
        SequenceNumber sub = SequenceNumber.of("0042").subRecord(3);

        assertThat(sub).hasToString("0042:3");
        assertThat(sub.digits()).isEqualTo("0042");
        assertThat(sub.sub()).isEqualTo(3);
        assertThat(SequenceNumber.of("42:3")).isEqualTo(sub).hasSameHashCodeAs(sub);
        assertThat(SequenceNumber.of("42").sub()).isZero();
        assertThat(sub.isSameRecord(SequenceNumber.of("42"))).isTrue();
        assertThat(sub.isSameRecord(SequenceNumber.of("43:3"))).isFalse();
    }

    @Test
    void aWholeRecordIsDoneWhenAllOfItsPartsAre() {
        SequenceNumber whole = SequenceNumber.of("42");
        assertThat(whole.includes(SequenceNumber.of("0042"))).isTrue();
        assertThat(whole.includes(whole.subRecord(9))).isTrue();
        assertThat(whole.includes(SequenceNumber.of("41:9"))).isTrue();
        assertThat(whole.includes(SequenceNumber.of("43"))).isFalse();
        SequenceNumber part = whole.subRecord(2);
        assertThat(part.includes(whole.subRecord(1))).isTrue();
        assertThat(part.includes(part)).isTrue();
        assertThat(part.includes(whole.subRecord(3))).isFalse();
        assertThat(part.includes(whole)).isFalse();
        assertThat(part.includes(SequenceNumber.of("41"))).isTrue();
        assertThat(part.includes(SequenceNumber.of("43:1"))).isFalse();
    }

    @Test
    void subRecordsCountFromOne() {
        for (String text : List.of("42:", "42:0", "42:01", "42:-1", "42:x", ":1", "42:1:1", "42:1000000000")) {
            assertThatThrownBy(() -> SequenceNumber.of(text)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(SequenceNumber.isSequenceNumber("42:1")).isFalse();
        assertThatThrownBy(() -> SequenceNumber.of("42").subRecord(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
