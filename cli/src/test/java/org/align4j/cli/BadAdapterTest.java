package org.align4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Adapters that are damaged, of another model, or more than plain LoRA. */
class BadAdapterTest extends MistakeTest {
    @TestFactory
    List<DynamicTest> adapters() {
        String config = "adapter_config.json";
        fails("no adapter folder", USAGE, () -> adapter(() -> {}, "--adapter", folder + "/nowhere"), "nowhere", config);
        fails("a model as adapter", USAGE, () -> adapter(() -> {}, "--adapter", model.toString()), config);
        fails(
                "no adapter weights",
                BAD,
                () -> adapter(() -> Files.delete(adapter().folder().resolve("adapter_model.safetensors"))),
                "adapter_model.safetensors");
        fails("not LoRA", BAD, () -> adapter(() -> adapter().replace(config, "\"LORA\"", "\"IA3\"")), "IA3", "LORA");
        fails("DoRA", BAD, () -> on("\"use_dora\": false", "\"use_dora\": true"), config, "use_dora", "merge");
        fails(
                "modules_to_save",
                BAD,
                () -> on("\"modules_to_save\": null", "\"modules_to_save\": [\"lm_head\"]"),
                "modules_to_save",
                "lm_head");
        fails(
                "ranks by layer",
                BAD,
                () -> on("\"rank_pattern\": \\{\\}", "\"rank_pattern\": {\"q\": 2}"),
                "rank_pattern");
        fails("trained biases", BAD, () -> on("\"bias\": \"none\"", "\"bias\": \"all\""), "\"bias\"", "all");
        fails(
                "an option of the future",
                BAD,
                () -> on("\"bias\": \"none\"", "\"bias\": \"none\", \"use_warp\": true"),
                "use_warp");
        fails(
                "a start that changes the base",
                BAD,
                () -> on("\"init_lora_weights\": true", "\"init_lora_weights\": \"pissa\""),
                "pissa");
        fails("rank that is none", BAD, () -> on("\"r\": 4", "\"r\": 0"), "\"r\"", "positive");
        fails("wrong rank", BAD, () -> on("\"r\": 4", "\"r\": 8"), "lora_A", "[4, 32]", "[8, 32]", "is 8");
        fails(
                "layers of another family",
                BAD,
                () -> adapter(() -> adapter().replace(config, "\"q_proj\",\\s+\"v_proj\"", "\"c_attn\"")),
                "c_attn",
                "q_proj");
        fails(
                "missing tensors",
                BAD,
                () -> adapter(() -> adapter().replace(config, "\"v_proj\"", "\"v_proj\", \"o_proj\"")),
                "o_proj.lora_A.weight",
                "lacks 4 of 12");
        fails(
                "tensors too many",
                BAD,
                () -> adapter(() -> adapter().replace(config, "\"q_proj\",\\s+\"v_proj\"", "\"q_proj\"")),
                "v_proj.lora_A.weight");
        fails(
                "adapter of another base",
                BAD,
                () -> List.of(
                        "score",
                        "--model",
                        otherModel(),
                        "--adapter",
                        adapter().folder().toString(),
                        "--data",
                        data(GOOD).toString()),
                "lora_A",
                "[4, 32]",
                "[4, 24]",
                "trl/model");
        fails(
                "score: the base that an adapter names is not here",
                BAD,
                () -> List.of(
                        "score",
                        "--model",
                        adapter().folder().toString(),
                        "--data",
                        data(GOOD).toString()),
                "trl/model",
                "no folder here");
        fails(
                "dpo: an adapter as the model",
                BAD,
                () -> {
                    List<String> arguments = new ArrayList<>(good());
                    arguments.set(
                            arguments.indexOf("--model") + 1, adapter().folder().toString());
                    return arguments;
                },
                "PEFT adapter",
                "base");
        fails(
                "merge: output holds something",
                USAGE,
                () -> List.of(
                        "merge",
                        "--model",
                        model.toString(),
                        "--adapter",
                        adapter().folder().toString(),
                        "--output",
                        model.toString()),
                "not empty");
        return cases;
    }

    /** Edits the adapter's configuration, then trains on. */
    private List<String> on(String from, String to) throws IOException {
        return adapter(() -> adapter().replace("adapter_config.json", from, to));
    }

    /** Damages a copy of an adapter, then trains it on. */
    private List<String> adapter(Damage damage, String... more) throws IOException {
        damage.apply();
        List<String> arguments = new ArrayList<>(good("--use-peft"));
        arguments.addAll(
                more.length > 0
                        ? List.of(more)
                        : List.of("--adapter", adapter().folder().toString()));
        return arguments;
    }

    /** A copy of an adapter over the model, made when it is first asked for. */
    private DamagedModel adapter() throws IOException {
        Path copy = folder.resolve("adapter" + count);
        if (!Files.exists(copy)) {
            DamagedModel.copy(GOLDENS.resolve("../lora/start_fresh"), copy);
        }
        return new DamagedModel(copy);
    }

    /** Another model under the same tokenizer. */
    private String otherModel() throws IOException {
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(
                    GOLDENS.resolve("../families/llama3").resolve(file),
                    model.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        return model.toString();
    }
}
