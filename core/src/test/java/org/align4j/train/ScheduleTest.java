package org.align4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void warmUpRisesFromZeroInAStraightLine() {
        for (Schedule.Kind kind : EnumSet.complementOf(EnumSet.of(Schedule.Kind.CONSTANT))) {
            Schedule schedule = new Schedule(kind, 0.8, 4, 20);
            assertThat(schedule.learningRate(0)).isZero();
            assertThat(schedule.learningRate(1)).isCloseTo(0.2, within(1e-15));
            assertThat(schedule.learningRate(3)).isCloseTo(0.6, within(1e-15));
            assertThat(schedule.learningRate(4)).isCloseTo(0.8, within(1e-15));
        }
    }

    @Test
    void afterItEachTakesItsShape() {
        assertThat(new Schedule(Schedule.Kind.CONSTANT_WITH_WARMUP, 0.8, 4, 20).learningRate(19))
                .isEqualTo(0.8);
        assertThat(new Schedule(Schedule.Kind.CONSTANT, 0.8, 4, 20).learningRate(0))
                .isEqualTo(0.8);
        // a quarter of the way from step 4 to step 20
        assertThat(new Schedule(Schedule.Kind.LINEAR, 0.8, 4, 20).learningRate(8))
                .isCloseTo(0.6, within(1e-15));
        // cos(π/4) = √½
        assertThat(new Schedule(Schedule.Kind.COSINE, 0.8, 4, 20).learningRate(8))
                .isCloseTo(0.4 * (1 + Math.sqrt(0.5)), within(1e-15));
        assertThat(new Schedule(Schedule.Kind.COSINE, 0.8, 4, 20).learningRate(12))
                .isCloseTo(0.4, within(1e-15));
        assertThat(new Schedule(Schedule.Kind.LINEAR, 0.8, 4, 20).learningRate(20))
                .isZero();
    }
}
