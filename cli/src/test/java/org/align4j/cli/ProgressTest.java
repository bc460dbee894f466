package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long millis;

    private Progress progress(boolean terminal) {
        return new Progress(new PrintStream(bytes), terminal, () -> millis * 1_000_000);
    }

    /** What was written since the last call, with escape sequences in letters. */
    private String written() {
        String text = bytes.toString()
                .replace("\u001b[?7l", "<nowrap>")
                .replace("\u001b[?7h", "<wrap>")
                .replace("\u001b[K", "<clear>")
                .replace("\r", "<begin>");
        bytes.reset();
        return text;
    }

    private static Map<String, Object> metrics(double loss) {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("step", 37);
        metrics.put("loss", loss);
        metrics.put("rewards/accuracies", 0.71);
        metrics.put("rewards/margins", 0.3149);
        metrics.put("tokens_per_second", 412.4);
        return metrics;
    }

    @Test
    void aStepIsOneLine() {
        Progress progress = progress(false);
        progress.step(36, 100, metrics(0.7));
        written();
        // One step in 1.62 s leaves 63 of them: 102 s.
        millis = 1_620;
        progress.step(37, 100, metrics(0.6124));
        progress.done();
        assertThat(written())
                .isEqualTo("step 37/100  loss 0.612  accuracy 0.71  margin 0.31  412 tokens/s  ETA 1:42\n");
    }

    @Test
    void plainLinesAreTheFirstTheLastAndOneInTenSeconds() {
        Progress progress = progress(false);
        for (int step = 1; step <= 30; step++) {
            progress.step(step, 30, Map.of());
            millis += 1_000;
        }
        progress.done();
        assertThat(written()).isEqualTo("step 1/30\nstep 11/30  ETA 0:19\nstep 21/30  ETA 0:09\nstep 30/30\n");
    }

    @Test
    void anInterruptedRunShowsItsLastStep() {
        Progress progress = progress(false);
        progress.step(1, 30, Map.of());
        millis = 2_000;
        progress.step(2, 30, Map.of());
        progress.done();
        progress.done();
        assertThat(written()).isEqualTo("step 1/30\nstep 2/30  ETA 0:56\n");
    }

    @Test
    void anEvaluatedStepIsKept() {
        Progress progress = progress(false);
        progress.step(1, 30, Map.of());
        progress.step(2, 30, Map.of("loss", 0.5, "eval_loss", 0.61, "eval_rewards/accuracies", 0.625));
        assertThat(written())
                .isEqualTo("step 1/30\nstep 2/30  loss 0.500  eval loss 0.610  eval accuracy 0.63  ETA 0:00\n");
    }

    @Test
    void theFirstPreparationOfAKindIsNews() {
        Progress progress = progress(false);
        progress.preparing("evaluating", 1, 3);
        progress.preparing("evaluating", 2, 3);
        progress.preparing("evaluating", 3, 3);
        progress.preparing("evaluating", 1, 3);
        progress.preparing("evaluating", 2, 3);
        progress.preparing("evaluating", 3, 3);
        assertThat(written()).isEqualTo("evaluating 1/3\nevaluating 3/3\nevaluating 3/3\n");
    }

    /** The pace of steps says nothing about the pace of something else. */
    @Test
    void eachKindHasItsOwnEta() {
        Progress progress = progress(false);
        progress.preparing("reference", 4, 8);
        millis = 60_000;
        progress.preparing("reference", 6, 8);
        progress.step(1, 3, Map.of());
        millis = 70_000;
        progress.step(2, 3, Map.of());
        assertThat(written()).isEqualTo("reference 4/8\nreference 6/8  ETA 1:00\nstep 1/3\nstep 2/3  ETA 0:10\n");
    }

    @Test
    void aTerminalHasOneLineThatChanges() {
        Progress progress = progress(true);
        progress.preparing("reference", 8, 8);
        assertThat(written()).isEqualTo("<begin><nowrap>reference 8/8<clear><wrap>");
        progress.step(1, 3, Map.of("loss", 0.5));
        assertThat(written()).isEqualTo("<begin><nowrap>step 1/3  loss 0.500<clear><wrap>");
        millis += 99;
        progress.step(2, 3, Map.of());
        assertThat(written()).isEmpty();
        millis += 1;
        progress.step(2, 3, Map.of());
        assertThat(written()).isEqualTo("<begin><nowrap>step 2/3  ETA 0:00<clear><wrap>");
        progress.step(3, 3, Map.of());
        assertThat(written()).isEqualTo("<begin><nowrap>step 3/3<clear><wrap>\n");
        progress.done();
        assertThat(written()).isEmpty();
    }

    @Test
    void aMessageGoesAboveTheLiveLine() {
        Progress progress = progress(true);
        progress.message("loading");
        assertThat(written()).isEqualTo("loading\n");
        progress.step(1, 3, Map.of());
        written();
        progress.message("checkpoint");
        assertThat(written()).isEqualTo("<begin><clear>checkpoint\n<begin><nowrap>step 1/3<clear><wrap>");
        progress.done();
        assertThat(written()).isEqualTo("\n");
        progress.message("saved");
        assertThat(written()).isEqualTo("saved\n");
    }

    @Test
    void doneShowsWhatWasTooQuickToDraw() {
        Progress progress = progress(true);
        progress.step(1, 3, Map.of());
        millis += 10;
        progress.step(2, 3, Map.of());
        written();
        progress.done();
        assertThat(written()).isEqualTo("<begin><nowrap>step 2/3  ETA 0:00<clear><wrap>\n");
    }

    @Test
    void plainMessagesAreLines() {
        Progress progress = progress(false);
        progress.step(1, 3, Map.of());
        progress.message("checkpoint");
        assertThat(written()).isEqualTo("step 1/3\ncheckpoint\n");
    }
}
