package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.config.Setting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One run over sources with an objective each. */
class SourceLossesTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");
    private static final Path DEMONSTRATIONS = GOLDENS.resolve("sft.jsonl");
    private static final String MIXED = "sigmoid,sft,plackett_luce";

    @TempDir
    private Path folder;

    private Path pairs; // five
    private Path morePairs; // seven
    private Path rankings; // two

    @BeforeEach
    void write() throws IOException {
        List<String> rows = Files.readAllLines(GOLDENS.resolve("train.jsonl"));
        pairs = Files.write(folder.resolve("pairs.jsonl"), rows.subList(0, 5));
        morePairs = Files.write(folder.resolve("more.jsonl"), rows.subList(5, 12));
        rankings = Files.writeString(folder.resolve("rankings.jsonl"), """
                {"prompt": "The sea is", "completions": [" wide.", " a cat.", " deep and wide."], "ranks": [2, 3, 1]}
                {"prompt": "Tea is", "completions": [" hot.", " a stone.", " in the path."], "ranks": [1, 3, 2]}
                """);
    }

    private DpoConfig config(String name, Object... more) {
        List<Object> keys = new ArrayList<>(List.of(
                "model", GOLDENS.resolve("model"),
                "train_batch_size", 100,
                "max_steps", 3,
                "learning_rate", 1e-3,
                "save_steps", 2));
        keys.addAll(List.of(more));
        return Runs.config(folder.resolve(name), keys.toArray());
    }

    private List<JsonNode> run(String name, Object... more) {
        DpoConfig config = config(name, more);
        DpoRecipe.run(config, Runs.listener());
        return comparable(config);
    }

    private static List<JsonNode> comparable(DpoConfig config) {
        List<JsonNode> rows = Runs.metrics(config);
        rows.forEach(row -> ((ObjectNode) row).remove("tokens_per_second"));
        return rows;
    }

    private String mixed() {
        return pairs + "," + DEMONSTRATIONS + "," + rankings;
    }

    /** The first loss of demonstrations by themselves. */
    private double demonstrationLoss() {
        Map<String, Setting> settings = new LinkedHashMap<>();
        Map.of("model", GOLDENS.resolve("model"), "data", DEMONSTRATIONS, "output", folder.resolve("sft"))
                .forEach((key, value) -> settings.put(key, new Setting(value.toString(), "test")));
        Map.of("dtype", "float32", "train_batch_size", "100", "max_steps", "1", "save_steps", "0")
                .forEach((key, value) -> settings.put(key, new Setting(value, "test")));
        SftRecipe.run(SftConfig.SCHEMA.read(settings), Runs.listener());
        return Runs.metrics(folder.resolve("sft")).get(0).get("loss").doubleValue();
    }

    @Test
    void theLossOfAStepIsTheWeightedMeanOverWhatEachJudged() throws IOException {
        int demonstrations = Files.readAllLines(DEMONSTRATIONS).size();
        double ofDemonstrations = demonstrationLoss();
        JsonNode first = run("mixed", "data", mixed(), "data_loss_types", MIXED, "data_loss_weights", "1,0.3,2")
                .get(0);
        // Policy = reference: ln 2 for a pair, ln 3! for three completions in order.
        assertThat(first.get("sigmoid/loss").doubleValue()).isCloseTo(Math.log(2), within(1e-12));
        assertThat(first.get("plackett_luce/loss").doubleValue()).isCloseTo(Math.log(6), within(1e-12));
        assertThat(first.get("sft/loss").doubleValue()).isCloseTo(ofDemonstrations, within(1e-6));
        double sum = 5 * Math.log(2) + 0.3 * demonstrations * ofDemonstrations + 2 * 2 * Math.log(6);
        assertThat(first.get("loss").doubleValue()).isCloseTo(sum / (5 + demonstrations + 2), within(1e-6));
        assertThat(first.get("sigmoid/rewards/margins").doubleValue()).isZero();
        assertThat(first.get("sft/mean_token_accuracy").doubleValue()).isBetween(0.0, 1.0);
        assertThat(first.has("sft/rewards/margins")).isFalse();
    }

    @Test
    void itDoesNotDependOnTheMicroBatches() {
        Object[] mixed = {"data", mixed(), "data_loss_types", MIXED, "reference_logps", "live"};
        List<JsonNode> whole = run("whole", mixed);
        List<Object> split = new ArrayList<>(List.of(mixed));
        split.addAll(List.of("tokens_per_microbatch", 60));
        List<JsonNode> parts = run("parts", split.toArray());
        for (int step = 0; step < whole.size(); step++) {
            for (String metric : List.of("loss", "grad_norm", "sigmoid/loss", "sft/loss", "plackett_luce/loss")) {
                double expected = whole.get(step).get(metric).doubleValue();
                assertThat(parts.get(step).get(metric).doubleValue())
                        .as(metric)
                        .isCloseTo(expected, within(2e-5 * Math.abs(expected)));
            }
        }
    }

    @Test
    void aStepWithoutPreferencesSaysNothingOfThem() {
        Object[] mixed = {
            "data",
            pairs + "," + DEMONSTRATIONS,
            "data_loss_types",
            "sigmoid,sft",
            "train_batch_size",
            1,
            "max_steps",
            12
        };
        List<JsonNode> steps = run("single", mixed);
        assertThat(steps.stream().map(row -> row.has("sft/loss"))).contains(true, false);
        for (JsonNode row : steps) {
            for (String metric : List.of("rewards/accuracies", "rewards/margins", "rewards/chosen", "logps/rejected")) {
                assertThat(row.has(metric)).as(metric).isEqualTo(row.has("sigmoid/loss"));
            }
            assertThat(row.has("mean_token_accuracy")).isTrue();
        }
    }

    @Test
    void twoSourcesWithTheSameObjectiveAreOne() {
        Object[] settings = {"train_batch_size", 5, "eval_split", 3};
        List<Object> one = new ArrayList<>(List.of(settings));
        one.addAll(List.of("data", GOLDENS.resolve("train.jsonl")));
        List<Object> two = new ArrayList<>(List.of(settings));
        two.addAll(List.of("data", pairs + "," + morePairs, "data_loss_types", "sigmoid,sigmoid"));
        List<JsonNode> expected = run("one", one.toArray());
        assertThat(expected).hasSize(4);
        assertThat(run("two", two.toArray())).isEqualTo(expected);
    }

    @Test
    void aStoppedRunRepeatsAnUndisturbedOne() {
        Object[] mixed = {"data", mixed(), "data_loss_types", "bco_pair,sft,plackett_luce", "bco_running_delta", true};
        List<Object> small = new ArrayList<>(List.of(mixed));
        small.addAll(List.of("train_batch_size", 4, "max_steps", 5));
        List<JsonNode> whole = run("undisturbed", small.toArray());
        assertThat(whole.stream().map(row -> row.get("loss").doubleValue())).doesNotHaveDuplicates();
        DpoRecipe.run(config("stopped", small.toArray()), new Runs.Listener(step -> step == 3));
        small.addAll(List.of("resume", true));
        assertThat(run("stopped", small.toArray())).isEqualTo(whole);
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> config("x", "data", mixed(), "data_loss_types", "sigmoid,sft"))
                .hasMessage("data_loss_types is \"sigmoid,sft\", which are 2 for 3 sources of data; give one for each");
        assertThatThrownBy(() -> config("x", "data", mixed(), "data_loss_types", "sigmoid,stf,lipo"))
                .hasMessage("data_loss_types names \"stf\", which is not known; did you mean sft?");
        assertThatThrownBy(() -> config("x", "data", mixed(), "data_loss_types", "sigmoid,sft,kto"))
                .hasMessage("data_loss_types names \"kto\", which judges single completions called good or bad, not"
                        + " preferences; train with align4j kto --loss-type kto");
        assertThatThrownBy(() -> config("x", "data", mixed(), "data_loss_types", MIXED, "loss_type", "ipo"))
                .hasMessageStartingWith("data_loss_types is given beside loss_type");
        assertThatThrownBy(() -> config("x", "data", pairs, "data_loss_weights", "2"))
                .hasMessage("data_loss_weights is given without data_loss_types; add it");
        assertThatThrownBy(() -> config("x", "data", mixed(), "data_loss_types", MIXED, "data_loss_weights", "1,0,1"))
                .hasMessage("data_loss_weights is \"1,0,1\", expected numbers above 0, with commas between");
        assertThatThrownBy(() -> config("x", "data", mixed(), "data_loss_types", MIXED, "eval_data", pairs))
                .hasMessageStartingWith("eval_data has 1 sources and data 3, but with data_loss_types");
        assertThatThrownBy(() -> config("x", "data", mixed(), "data_loss_types", MIXED, "dpop_lambda", 3))
                .hasMessageStartingWith(
                        "dpop_lambda is given, but data_loss_types sigmoid,sft,plackett_luce does not use it");
        assertThatThrownBy(() -> run("y", "data", mixed(), "data_loss_types", "sigmoid,sigmoid,sigmoid"))
                .hasMessageStartingWith(DEMONSTRATIONS + ":1: found the fields");
        assertThatThrownBy(() -> run("z", "data", mixed(), "data_loss_types", "sigmoid,sft,infonca"))
                .hasMessageStartingWith(rankings + ":1: has no scores, which data_loss_types infonca");
    }
}
