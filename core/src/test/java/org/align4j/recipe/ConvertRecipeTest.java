package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.align4j.config.Setting;
import org.align4j.data.Chats;
import org.align4j.data.DemonstrationReader;
import org.align4j.data.LabelledReader;
import org.align4j.data.OnBadRow;
import org.align4j.data.PromptReader;
import org.align4j.data.Ranking;
import org.align4j.data.RankingReader;
import org.align4j.text.ChatTemplate;
import org.align4j.text.SharedData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertRecipeTest {
    @TempDir
    private Path folder;

    private static void convert(Object... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put(keysAndValues[i].toString(), new Setting(keysAndValues[i + 1].toString(), "test"));
        }
        ConvertRecipe.run(ConvertConfig.SCHEMA.read(settings), Runs.listener());
    }

    @Test
    void anOutputIsWholeOrWhatItWas() throws IOException {
        Path data = folder.resolve("in.jsonl");
        Files.writeString(data, "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}\n{\"prompt\": \"p\"}\n");
        for (String name : List.of("out.jsonl", "out.parquet")) {
            Path out = Files.writeString(folder.resolve(name), "old");
            assertThatExceptionOfType(AlignException.class)
                    .isThrownBy(() -> convert("data", data, "output", out, "to", "preference"))
                    .withMessageContaining("in.jsonl:2: rows such as this (prompts: prompt) cannot become preference");
            assertThat(out).hasContent("old");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(3);
        }
        Files.writeString(data, "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}\n");
        convert("data", data, "output", folder.resolve("out.jsonl"), "to", "ranking");
        assertThat(folder.resolve("out.jsonl"))
                .hasContent("{\"prompt\":\"p\",\"completions\":[\"c\",\"r\"],\"ranks\":[1,2]}");
    }

    @Test
    void theDataAreNotReplaced() throws IOException {
        String row = "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}\n";
        Path data = Files.writeString(folder.resolve("in.jsonl"), row);
        Path link = Files.createSymbolicLink(folder.resolve("link.jsonl"), data);
        Path other = Files.writeString(folder.resolve("other.jsonl"), row);
        for (Object source : List.of(data, folder, link, folder.resolve("*.jsonl"), other + "," + data)) {
            assertThatExceptionOfType(AlignException.class)
                    .isThrownBy(() -> convert("data", source, "output", data, "to", "ranking"))
                    .withMessage(data + ": this is the data to convert, which would be lost; name another output");
        }
        assertThat(data).hasContent(row);
        Path out = folder.resolve("both.csv");
        convert("data", other + "," + data, "output", out, "to", "ranking", "conversational", true);
        assertThat(Files.readAllLines(out)).hasSize(3);
    }

    @Test
    void aGivenTemplateWritesTheConversations() throws IOException {
        Path data = Files.writeString(
                folder.resolve("in.jsonl"),
                "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}, {\"role\": \"assistant\", \"content\": \"yo\"}]}\n");
        Path template = Files.writeString(
                folder.resolve("t.jinja"), "{% for m in messages %}<{{ m.content }}>{% endfor %}{{ eos_token }}");
        Path out = folder.resolve("out.jsonl");
        convert(
                "data",
                data,
                "output",
                out,
                "to",
                "language_modeling",
                "render",
                true,
                "model",
                "src/test/resources/golden/trl/model",
                "chat_template",
                template);
        assertThat(out).hasContent("{\"text\":\"<hi><yo></s>\"}");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() ->
                        convert("data", data, "output", out, "to", "language_modeling", "chat_template", template))
                .withMessage("chat_template is given, which only render needs; add --render, or leave it out");
    }

    @Test
    void renderAndItsModelGoTogether() {
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> convert("data", "x", "output", "y.jsonl", "to", "messages", "render", true))
                .withMessage("render is given without a model, whose chat template would write; add --model");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> convert("data", "x", "output", "y.jsonl", "to", "preference", "model", "m"))
                .withMessage("model is given, which only render needs; add --render, or leave it out");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(
                        () -> convert("data", "x", "output", "y.jsonl", "to", "sharegpt", "render", true, "model", "m"))
                .withMessageContaining("the rows of to are conversations");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> convert("data", "x", "output", "y.jsonl", "to", "pairs"))
                .withMessageContaining("expected language_modeling, prompt_only,");
    }

    private static int count(Consumer<Consumer<Ranking>> reading) {
        int[] count = {0};
        reading.accept(ranking -> count[0]++);
        return count[0];
    }

    /** Real files load wherever they can be used. */
    @Test
    void realDataLoads() {
        Path root = SharedData.require("preference");
        Chats chats = Chats.of(() -> ChatTemplate.of(
                "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
                        + "{% if add_generation_prompt %}<assistant>{% endif %}",
                Map.of(), "test"));
        Path tulu = root.resolve("tulu_human_eval/eval_annotations_tulu_1.jsonl");
        Path instances = root.resolve("tulu_human_eval/eval_instances_tulu_1.jsonl");
        Path pairs = root.resolve("llamafactory/dpo_en_demo.json");
        Path labelled = root.resolve("llamafactory/kto_en_demo.json");
        Path alpaca = root.resolve("llamafactory/alpaca_en_demo.json");
        Path hh = root.resolve("hh-rlhf/harmless-base-2000.jsonl.gz");
        Path ultraFeedback = root.resolve("ultrafeedback/train.jsonl");
        // 40 pairs of Tulu's are the same text twice, of which 39 are tied; 376 are tied.
        assertThat(count(rows -> RankingReader.read(tulu, OnBadRow.SKIP, chats, true, rows)))
                .isEqualTo(1149);
        assertThat(count(rows -> RankingReader.read(tulu, OnBadRow.SKIP, chats, false, rows)))
                .isEqualTo(773);
        assertThat(count(rows -> LabelledReader.read(tulu, OnBadRow.SKIP, chats, rows)))
                .isEqualTo(2220);
        assertThat(count(rows -> RankingReader.readUnranked(instances, OnBadRow.FAIL, chats, rows)))
                .isEqualTo(996);
        assertThat(count(rows -> RankingReader.read(pairs, OnBadRow.FAIL, chats, false, rows)))
                .isEqualTo(300);
        assertThat(count(rows -> LabelledReader.read(pairs, OnBadRow.FAIL, chats, rows)))
                .isEqualTo(600);
        assertThat(count(rows -> LabelledReader.read(labelled, OnBadRow.FAIL, chats, rows)))
                .isEqualTo(300);
        assertThat(count(rows -> DemonstrationReader.read(alpaca, OnBadRow.FAIL, chats, true, rows)))
                .isEqualTo(999);
        // Half of them are called bad.
        assertThat(count(rows -> DemonstrationReader.read(labelled, OnBadRow.SKIP, chats, true, rows)))
                .isEqualTo(150);
        assertThat(count(rows -> RankingReader.read(hh, OnBadRow.FAIL, chats, false, rows)))
                .isEqualTo(2000);
        assertThat(count(rows -> RankingReader.read(ultraFeedback, OnBadRow.SKIP, chats, false, rows)))
                .isEqualTo(994);
        for (Path file : List.of(tulu, instances, pairs, labelled, alpaca, hh, ultraFeedback)) {
            assertThat(PromptReader.readAll(file, OnBadRow.SKIP, chats).rows()).isNotEmpty();
        }
    }
}
