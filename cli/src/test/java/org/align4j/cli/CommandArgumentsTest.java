package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.align4j.AlignException;
import org.align4j.recipe.DpoConfig;
import org.align4j.recipe.ScoreConfig;
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
        assertThatThrownBy(() -> parse("--learning-rte", "1")).hasMessageContaining("did you mean --learning-rate?");
        Path yaml = folder.resolve("run.yaml");
        Files.writeString(yaml, "beta: 0.1\nmax_stps: 3\n");
        assertThatThrownBy(() -> parse("--config", yaml.toString()))
                .hasMessage(yaml + ":2: unknown key max_stps; did you mean max_steps? --help lists all");
    }

    @Test
    void orpoHasTheKeysThatItsLossUses() {
        TrainingCommand<DpoConfig> orpo = TrainingCommand.orpo();
        List<String> args = List.of("--model", "m", "--data", "d", "--output", "o", "--beta", "0.2");
        DpoConfig config = CommandArguments.parse(orpo, DpoConfig.ORPO, args).orElseThrow();
        assertThat(config.lossType()).isEqualTo("orpo");
        assertThat(config.beta()).isEqualTo(0.2);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream real = System.out;
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            assertThat(orpo.run(List.of("--help"))).isZero();
        } finally {
            System.setOut(real);
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("--beta=", "--ranking-pairs=", "--max-length=")
                .doesNotContain("--loss-type", "--reference", "--simpo-gamma", "sigmoid");
    }

    @Test
    void aListMayBeGivenPieceByPiece() {
        List<String> args = List.of("--reward-model", "a", "--reward-model", "b,c", "--data", "d");
        assertThat(CommandArguments.parse(new ScoreCommand(), ScoreConfig.SCHEMA, args)
                        .orElseThrow()
                        .rewardModel())
                .containsExactly(Path.of("a"), Path.of("b"), Path.of("c"));
    }

    private static DpoConfig parse(String... more) {
        List<String> args = new ArrayList<>(List.of("--model", "m", "--data", "d", "--output", "o"));
        args.addAll(List.of(more));
        return CommandArguments.parse(TrainingCommand.dpo(), DpoConfig.SCHEMA, args)
                .orElseThrow();
    }
}
