package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.align4j.AlignException;
import org.align4j.recipe.DpoConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandArgumentsTest {
    @TempDir
    Path folder;

    @Test
    void takesHyphensUnderscoresAndEqualSigns() {
        DpoConfig config = parse("--learning-rate", "1e-5", "--max_grad_norm=0", "--train_batch_size", "3");
        assertThat(config.training().learningRate()).isEqualTo(1e-5);
        assertThat(config.training().maxGradNorm()).isZero();
        assertThat(config.training().trainBatchSize()).isEqualTo(3);
    }

    @Test
    void takesFlagsInAllTheirForms() {
        assertThat(parse().training().shuffle()).isTrue();
        assertThat(parse("--shuffle", "false").training().shuffle()).isFalse();
        assertThat(parse("--shuffle=False").training().shuffle()).isFalse();
        assertThat(parse("--no-shuffle").training().shuffle()).isFalse();
        assertThat(parse("--overwrite").training().overwrite()).isTrue();
        assertThat(parse("--overwrite", "--beta", "0.3").beta()).isEqualTo(0.3);
    }

    @Test
    void optionsWinOverTheFile() throws Exception {
        Path yaml = folder.resolve("run.yaml");
        Files.writeString(yaml, "# a run\nbeta: 0.5\nlearning-rate: 1e-6\nmax_steps: null\nshuffle: no\n");
        assertThatThrownBy(() -> parse("--config", yaml.toString()))
                .isInstanceOf(AlignException.class)
                .hasMessage(yaml + ":5: shuffle is \"no\", expected true or false");
        Files.writeString(yaml, "# a run\nbeta: 0.5\nlearning-rate: 1e-6\nmax_steps: null\n");
        DpoConfig config = parse("--config", yaml.toString(), "--beta", "0.2");
        assertThat(config.beta()).isEqualTo(0.2);
        assertThat(config.training().learningRate()).isEqualTo(1e-6);
    }

    @Test
    void namesTheNearestKeyAndTheLine() throws Exception {
        assertThatThrownBy(() -> parse("--learning-rte", "1")).hasMessageContaining("did you mean learning_rate?");
        Path yaml = folder.resolve("run.yaml");
        Files.writeString(yaml, "beta: 0.1\nmax_stps: 3\n");
        assertThatThrownBy(() -> parse("--config", yaml.toString()))
                .hasMessage(yaml + ":2: unknown key max_stps; did you mean max_steps?");
    }

    private static DpoConfig parse(String... more) {
        List<String> args = new ArrayList<>(List.of("--model", "m", "--data", "d", "--output", "o"));
        args.addAll(List.of(more));
        return CommandArguments.parse(TrainingCommand.dpo(), DpoConfig.SCHEMA, args)
                .orElseThrow();
    }
}
