package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesTest {
    @Test
    void showsMedianAndRangeWhateverTheOrder() {
        assertThat(new Series(List.of(3.0, 1.0, 2.0)).show("%.1f")).isEqualTo("2.0 (1.0 to 3.0)");
    }

    @Test
    void takesTheMeanOfTheMiddleTwo() {
        assertThat(new Series(List.of(4.0, 1.0, 2.0, 8.0)).median()).isEqualTo(3.0);
    }

    @Test
    void showsASingleValueWithoutRange() {
        assertThat(new Series(List.of(7.0)).show("%.0f")).isEqualTo("7");
    }

    @Test
    void refusesToSummariseNothing() {
        assertThatThrownBy(() -> new Series(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
