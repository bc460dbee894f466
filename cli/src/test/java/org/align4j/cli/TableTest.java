package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void alignsNumbersAtTheRightAndTextAtTheLeft() {
        Table table = new Table("evaluation", "before", "after")
                .row("loss", 0.693147, 0.4121)
                .row("accuracy", 0.5, 0.875)
                .row("tokens", null, 12345);
        assertThat(table.toString()).isEqualTo("""
                        evaluation  before   after
                        loss         0.693   0.412
                        accuracy     0.500   0.875
                        tokens              12,345
                        """);
    }

    @Test
    void aColumnWithTextIsText() {
        assertThat(new Table("step", "model").row(1, "é").row("last", 22).toString())
                .isEqualTo("""
                        step  model
                        1     é
                        last  22
                        """);
    }

    @Test
    void withoutRowsThereAreHeaders() {
        assertThat(new Table("a", "b").toString()).isEqualTo("a  b\n");
    }

    @Test
    void refusesARowOfAnotherLength() {
        assertThatThrownBy(() -> new Table("a", "b").row(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a row of 1 cells in a table of 2 columns");
    }
}
