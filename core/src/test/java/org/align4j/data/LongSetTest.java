package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LongSetTest {
    @Test
    void holdsWhatAHashSetHolds() {
        Random random = new Random(1);
        LongSet set = new LongSet();
        Set<Long> expected = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            // Zero, numbers that come again, neighbours, and numbers with the same low bits.
            long value = i % 3 == 0 ? random.nextInt(500) : random.nextLong() << i % 40;
            assertThat(set.add(value)).isEqualTo(expected.add(value));
        }
        assertThat(set.size()).isEqualTo(expected.size());
        assertThat(expected).allMatch(set::contains);
        assertThat(set.contains(500)).isFalse();
    }
}
