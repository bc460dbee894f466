package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.align4j.data.Chats;
import org.align4j.data.OnBadRow;
import org.align4j.data.RankingReader;
import org.align4j.data.RowStore;
import org.align4j.data.TokenizedRankings;
import org.align4j.text.Tokenizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several sources, and how often an epoch sees their rows. */
class SourcesTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");

    @TempDir
    private Path folder;

    private Path a;
    private Path b;
    private Runs.Listener listener;

    /** The first five rows of the goldens, and the other seven. */
    @BeforeEach
    void split() throws IOException {
        List<String> rows = Files.readAllLines(GOLDENS.resolve("train.jsonl"));
        assertThat(rows).hasSize(12);
        a = Files.write(folder.resolve("a.jsonl"), rows.subList(0, 5));
        b = Files.write(folder.resolve("b.jsonl"), rows.subList(5, 12));
        listener = Runs.listener();
    }

    private DpoConfig config(Object... more) {
        List<Object> settings = new ArrayList<>(List.of("model", GOLDENS.resolve("model")));
        settings.addAll(List.of(more));
        return Runs.config(folder, settings.toArray());
    }

    /** Lines of the files in the order of the trees: a1, b7. */
    private List<List<String>> load(Object... more) {
        TrainingConfig config = config(more).training();
        try (Tokenizer tokenizer = Tokenizer.load(GOLDENS.resolve("model"));
                RowStore store = RowStore.in(folder)) {
            TrainingData data = TrainingData.load(
                    config,
                    (file, rows) -> RankingReader.read(file, OnBadRow.FAIL, Chats.NONE, false, rows),
                    tokenizer,
                    store,
                    listener);
            return List.of(lines(data.train()), lines(data.eval()));
        }
    }

    private static List<String> lines(TokenizedRankings rows) {
        return rows.sources().stream()
                .map(source -> Path.of(source.file()).getFileName().toString().charAt(0) + "" + source.line())
                .toList();
    }

    private static Map<String, Integer> counts(List<String> lines) {
        Map<String, Integer> counts = new TreeMap<>();
        lines.forEach(line -> counts.merge(line, 1, Integer::sum));
        return counts;
    }

    @Test
    void sourcesFollowEachOther() {
        assertThat(load("data", a + "," + b).get(0))
                .containsExactly("a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4", "b5", "b6", "b7");
        assertThat(listener.messages).contains(a + ": 5 rows, 5 in an epoch", b + ": 7 rows, 7 in an epoch");
    }

    @Test
    void aRunOverTwoHalvesIsTheRunOverTheWhole() {
        Object[] settings = {"max_steps", 4, "train_batch_size", 4, "eval_split", 3, "save_steps", 0};
        DpoConfig whole = config(with(settings, "data", GOLDENS.resolve("train.jsonl")));
        DpoRecipe.run(whole, listener);
        List<String> expected = metrics(whole);
        DpoConfig halves = config(with(settings, "data", a + "," + b, "overwrite", true));
        DpoRecipe.run(halves, listener);
        assertThat(metrics(halves)).hasSize(5).isEqualTo(expected);
    }

    private static Object[] with(Object[] settings, Object... more) {
        List<Object> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of(more));
        return all.toArray();
    }

    private static List<String> metrics(DpoConfig config) {
        return Runs.metrics(config).stream()
                .map(row -> row.toString().replaceAll(",\"tokens_per_second\":[^,}]*", ""))
                .toList();
    }

    @Test
    void weightsSayHowOftenAnEpochSeesARow() {
        List<String> twice = load("data", a + "," + b, "data_weights", "2,1").get(0);
        assertThat(twice.subList(0, 12))
                .containsExactly("a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4", "b5", "b6", "b7");
        assertThat(twice.subList(12, 17)).containsExactly("a1", "a2", "a3", "a4", "a5");

        List<String> some =
                load("data", a + "," + b, "data_weights", "1.6,3rows").get(0);
        assertThat(listener.messages).contains(a + ": 5 rows, 8 in an epoch", b + ": 7 rows, 3 in an epoch");
        Map<String, Integer> counts = counts(some);
        assertThat(counts.values()).allMatch(count -> count == 1 || count == 2);
        assertThat(counts.keySet()).contains("a1", "a2", "a3", "a4", "a5").hasSize(5 + 3);
        assertThat(some).hasSize(8 + 3);
        assertThat(load("data", a + "," + b, "data_weights", "1.6,3rows").get(0))
                .isEqualTo(some);
        assertThat(load("data", a + "," + b, "data_weights", "1.6,3rows", "seed", 7)
                        .get(0))
                .isNotEqualTo(some);
    }

    @Test
    void noRowIsBothHeldOutAndTrainedOn() {
        List<List<String>> both = load("data", a + "," + b, "data_weights", "3,0.5", "eval_split", 4);
        assertThat(both.get(1)).hasSize(4).doesNotHaveDuplicates().doesNotContainAnyElementsOf(both.get(0));
        Map<String, Integer> trained = counts(both.get(0));
        trained.forEach((line, count) -> assertThat(count).as(line).isEqualTo(line.startsWith("a") ? 3 : 1));
        long leftOfB =
                7 - both.get(1).stream().filter(row -> row.startsWith("b")).count();
        assertThat(both.get(0).stream().filter(row -> row.startsWith("b")))
                .hasSize((int) Math.round(0.5 * leftOfB)); // weights count for what is not held out
    }

    @Test
    void aNumberOfRowsIsWhatIsTrainedOnBesideWhatIsHeldOut() {
        List<List<String>> both = load("data", a + "," + b, "data_weights", "4rows,5rows", "eval_split", 3);
        Map<String, Integer> trained = counts(both.get(0));
        assertThat(trained.values()).containsOnly(1);
        assertThat(both.get(1)).hasSize(3).doesNotContainAnyElementsOf(both.get(0));
        long heldOfA = both.get(1).stream().filter(row -> row.startsWith("a")).count();
        assertThat(both.get(0).stream().filter(row -> row.startsWith("a"))).hasSize(4);
        assertThat(both.get(0).stream().filter(row -> row.startsWith("b"))).hasSize(5);
        assertThat(heldOfA).isEqualTo(1); // the seed's; the others are of b
        assertThat(listener.messages)
                .contains(a + ": 5 rows, 1 held out, 4 in an epoch", b + ": 7 rows, 2 held out, 5 in an epoch");
    }

    @Test
    void mistakesAreNamed() throws IOException {
        assertThatThrownBy(() -> config("data", a + "," + b, "data_weights", "1"))
                .hasMessage("data_weights is \"1\", which makes 1 weight for 2 sources of data; give one for each");
        for (String wrong : List.of("1,0", "1,-2", "1,x", "1,rows", "1,0rows", "1,NaN")) {
            assertThatThrownBy(() -> config("data", a + "," + b, "data_weights", wrong))
                    .as(wrong)
                    .hasMessageStartingWith(
                            "data_weights is \"" + wrong + "\", expected numbers above 0 such as 1 or 0.5");
        }
        assertThatThrownBy(() -> load("data", a + "," + b, "data_weights", "1,0.01"))
                .hasMessageStartingWith("data_weights asks for 0 rows of the 7 of " + b);
        assertThatThrownBy(() -> load("data", a + "," + folder.resolve("none.jsonl")))
                .hasMessageStartingWith(folder.resolve("none.jsonl") + ": there is no such file");
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
        assertThatThrownBy(() -> load("data", a + "," + empty)).hasMessageStartingWith(empty + ": there are no rows");
        assertThatThrownBy(() -> load("data", "someone/preferences"))
                .hasMessageEndingWith("check the path, or write hub:someone/preferences if it is a dataset on a hub");
    }
}
