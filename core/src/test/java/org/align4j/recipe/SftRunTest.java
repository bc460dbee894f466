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
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.config.Setting;
import org.align4j.data.Chats;
import org.align4j.data.DemonstrationReader;
import org.align4j.data.OnBadRow;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.data.TreeBuilder;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What sft can do beyond following TRL, which {@link TrlSftAndKtoTest} holds. */
class SftRunTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/trl");
    private static final Path MODEL = GOLDENS.resolve("model");

    @TempDir
    private Path folder;

    private SftConfig config(String name, Object... more) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        List<Object> all = new ArrayList<>(List.of("model", MODEL, "data", GOLDENS.resolve("sft.jsonl")));
        all.addAll(List.of("output", folder.resolve(name), "dtype", "float32", "learning_rate", 1e-3));
        all.addAll(List.of(more));
        for (int i = 0; i < all.size(); i += 2) {
            settings.put(all.get(i).toString(), new Setting(all.get(i + 1).toString(), "test"));
        }
        return SftConfig.SCHEMA.read(settings);
    }

    private static List<JsonNode> run(SftConfig config) {
        assertThat(SftRecipe.run(config, Runs.listener()).finished()).isTrue();
        List<JsonNode> metrics = Runs.metrics(config.training().output());
        metrics.forEach(row -> ((ObjectNode) row).remove("tokens_per_second"));
        return metrics;
    }

    private static byte[] weights(SftConfig config) throws IOException {
        return Files.readAllBytes(config.training().output().resolve("model.safetensors"));
    }

    @Test
    void nllSumIsTheMeanOverRowsOfTheSumOverTokens() {
        double sum = 0;
        int rows = 0;
        try (Tokenizer tokenizer = Tokenizer.load(MODEL);
                ModelFolder source = ModelFolder.open(MODEL);
                CausalLm model = ModelLoader.load(source, Dtype.F32, false)) {
            List<TokenTree> trees = new TreeBuilder(tokenizer, 1024)
                    .build(DemonstrationReader.readAll(GOLDENS.resolve("sft.jsonl"), OnBadRow.FAIL, Chats.NONE, true)
                            .rows())
                    .trees();
            for (TokenTree tree : trees) {
                for (float logp :
                        LogProbs.score(model, PackedBatch.of(List.of(tree))).logps()) {
                    sum -= logp;
                }
                rows++;
            }
        }
        List<JsonNode> metrics = run(config("sum", "loss_type", "nll_sum", "train_batch_size", rows, "max_steps", 1));
        assertThat(metrics.get(0).get("loss").doubleValue()).isCloseTo(sum / rows, within(1e-4 * sum / rows));
    }

    @Test
    void fromScratchNeedsNoWeightsAndLearns() throws IOException {
        Path blueprint = Files.createDirectory(folder.resolve("blueprint"));
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(MODEL.resolve(name), blueprint.resolve(name));
        }
        Object[] keys = {
            "model",
            blueprint,
            "from_scratch",
            true,
            "data",
            GOLDENS.resolve("text.jsonl"),
            "train_batch_size",
            4,
            "max_steps",
            30,
            "learning_rate",
            1e-2,
            "save_steps",
            10
        };
        SftConfig whole = config("whole", keys);
        List<JsonNode> metrics = run(whole);
        double first = metrics.get(0).get("loss").doubleValue();
        // Of 379 tokens none is likelier than another at first, but for the little that random weights prefer.
        assertThat(first).isCloseTo(Math.log(379), within(0.5));
        assertThat(metrics.get(29).get("loss").doubleValue()).isLessThan(first - 3);

        SftConfig stopped = config("stopped", keys);
        SftRecipe.run(stopped, new Runs.Listener(step -> step == 15));
        List<Object> again = new ArrayList<>(List.of(keys));
        again.addAll(List.of("resume", true));
        SftConfig resumed = config("stopped", again.toArray());
        assertThat(run(resumed)).isEqualTo(metrics);
        assertThat(weights(resumed)).isEqualTo(weights(whole));

        assertThatThrownBy(() -> run(config("needs", "model", blueprint))).hasMessageContaining("model.safetensors");
        assertThatThrownBy(() -> config("adapter", "from_scratch", true, "use_peft", true))
                .hasMessageContaining("an adapter needs a trained model");
    }

    @Test
    void noiseAndPacksComeBackAfterAStop() throws IOException {
        Object[] keys = {
            "neftune_noise_alpha",
            5,
            "packing",
            true,
            "max_length",
            80,
            "train_batch_size",
            2,
            "max_steps",
            6,
            "save_steps",
            2
        };
        SftConfig whole = config("whole", keys);
        List<JsonNode> metrics = run(whole);
        SftConfig stopped = config("stopped", keys);
        SftRecipe.run(stopped, new Runs.Listener(step -> step == 3));
        List<Object> again = new ArrayList<>(List.of(keys));
        again.addAll(List.of("resume", true));
        assertThat(run(config("stopped", again.toArray()))).isEqualTo(metrics);
        assertThat(weights(stopped)).isEqualTo(weights(whole));

        SftConfig silent = config("silent", "packing", true, "max_length", 80, "train_batch_size", 2, "max_steps", 6);
        assertThat(run(silent).get(0).get("loss")).isNotEqualTo(metrics.get(0).get("loss"));
    }

    @Test
    void aGivenChatTemplateWritesTheRowsAndGoesIntoTheModel() throws IOException {
        Path template = folder.resolve("mine.jinja");
        Files.writeString(template, "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
        SftConfig config =
                config("chat", "data", GOLDENS.resolve("chat.jsonl"), "chat_template", template, "max_steps", 1);
        run(config);
        assertThat(config.training().output().resolve("chat_template.jinja")).hasSameBinaryContentAs(template);
        assertThatThrownBy(() -> run(config("none", "data", GOLDENS.resolve("chat.jsonl"))))
                .hasMessageContaining("chat.jsonl:1: the row is a conversation")
                .hasMessageContaining("there is no chat template");
        assertThatThrownBy(() -> run(config("lost", "chat_template", folder.resolve("lost.jinja"))))
                .hasMessageContaining("lost.jinja, expected a file in UTF-8, a template");
    }

    @Test
    void onlyTheLastAnswerWhereHistoryIsMasked() {
        String template = "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
                + "{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}";
        Object[] keys = {
            "data",
            GOLDENS.resolve("chat.jsonl"),
            "chat_template",
            template,
            "assistant_only_loss",
            true,
            "max_steps",
            1
        };
        List<Object> last = new ArrayList<>(List.of(keys));
        last.addAll(List.of("mask_history", true));
        double all = run(config("all", keys)).get(0).get("loss").doubleValue();
        double one = run(config("last", last.toArray())).get(0).get("loss").doubleValue();
        assertThat(one).isNotEqualTo(all);
        assertThatThrownBy(() -> run(config("plain", "assistant_only_loss", true)))
                .hasMessageContaining(
                        "sft.jsonl:1: the row is plain text, in which assistant_only_loss finds no messages");
        assertThatThrownBy(() -> config("alone", "mask_history", true))
                .hasMessageContaining("mask_history is given without assistant_only_loss");
    }
}
