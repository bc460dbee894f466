package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {
    @Test
    void textIsShortAndNeverZeroForWhatIsNot() {
        assertThat(Numbers.text(1234567)).isEqualTo("1,234,567");
        assertThat(Numbers.text(-12L)).isEqualTo("-12");
        assertThat(Numbers.text(0.6931)).isEqualTo("0.693");
        assertThat(Numbers.text(0.0)).isEqualTo("0.000");
        assertThat(Numbers.text(0.0005)).isEqualTo("0.001");
        assertThat(Numbers.text(0.0004)).isEqualTo("4.0e-04");
        assertThat(Numbers.text(-0.0000012f)).isEqualTo("-1.2e-06");
        assertThat(Numbers.text(12345.678)).isEqualTo("12,345.678");
        assertThat(Numbers.text(Double.NaN)).isEqualTo("NaN");
    }

    @Test
    void durationsHaveHoursOnlyWhereNeeded() {
        assertThat(Numbers.duration(0)).isEqualTo("0:00");
        assertThat(Numbers.duration(59.6)).isEqualTo("1:00");
        assertThat(Numbers.duration(102)).isEqualTo("1:42");
        assertThat(Numbers.duration(3599)).isEqualTo("59:59");
        assertThat(Numbers.duration(3600)).isEqualTo("1:00:00");
        assertThat(Numbers.duration(100_000)).isEqualTo("27:46:40");
    }
}
