package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.config.Setting;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.model.CausalLm;
import org.align4j.model.LogProbs;
import org.align4j.tensor.Dtype;
import org.align4j.text.SharedData;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real, trained model against llama2.c's own figures. */
class Stories260kTest {
    private final Path folder = SharedData.require("models/stories260k");

    @Test
    void logProbabilitiesOfEveryToken() {
        JsonNode cases = JsonFiles.readObject(SharedData.require("golden/stories260k_logprobs.json"))
                .get("cases");
        try (ModelFolder files = ModelFolder.open(folder);
                CausalLm model = ModelLoader.load(files, Dtype.F32, false)) {
            for (JsonNode each : cases) {
                int[] tokens = new int[each.get("tokens").size()];
                for (int i = 0; i < tokens.length; i++) {
                    tokens[i] = each.get("tokens").get(i).intValue();
                }
                TokenTree text = new TokenTree(new int[0], List.of(new TokenTree.Branch(tokens, 0)), 0);
                float[] logps =
                        LogProbs.score(model, PackedBatch.of(List.of(text))).logps();
                assertThat(logps).hasSize(each.get("logprobs").size());
                for (int i = 0; i < logps.length; i++) {
                    assertThat((double) logps[i])
                            .isCloseTo(each.get("logprobs").get(i).doubleValue(), within(1e-4));
                }
            }
        }
    }

    @Test
    void greedyTextByteForByte() {
        JsonNode golden = JsonFiles.readObject(SharedData.require("golden/stories260k_generations.json"))
                .get("greedy_200_steps");
        Map<String, Setting> settings = new LinkedHashMap<>();
        settings.put("model", new Setting(folder.toString(), "test"));
        settings.put("prompt", new Setting("", "test"));
        settings.put("greedy", new Setting("true", "test"));
        settings.put("max_new_tokens", new Setting("200", "test"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        GenerateRecipe.run(
                GenerateConfig.SCHEMA.read(settings),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                Runs.listener());
        JsonNode line = new JsonMapper().readTree(out.toString(StandardCharsets.UTF_8));
        assertThat(line.get("completions").get(0).get("text").stringValue())
                .isEqualTo(golden.get("expected").stringValue());
    }
}
