package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void placesAreThoseOfTheSortedNumbers() {
        Histogram numbers = new Histogram();
        int[] values = {7, 1, 0, 4, 4, 9, 4, 5, 2};
        IntStream.of(values).forEach(numbers::add);
        int[] sorted = IntStream.of(values).sorted().toArray();
        for (int i = 0; i < sorted.length; i++) {
            assertThat(numbers.at(i)).isEqualTo(sorted[i]);
        }
        assertThat(numbers.size()).isEqualTo(9);
        assertThat(numbers.median()).isEqualTo(4);
        assertThat(numbers.smallest()).isZero();
        assertThat(numbers.largest()).isEqualTo(9);
        // Up to 1, 2, 4, 8, 16.
        assertThat(numbers.byPowersOfTwo()).containsExactly(2L, 1L, 3L, 2L, 1L);
    }
}
