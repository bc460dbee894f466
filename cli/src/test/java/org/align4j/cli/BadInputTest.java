package org.align4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What a user gets for a mistake or a damaged file: one line that names the culprit and the remedy, the right exit code,
 * and every file as it was.
 */
class BadInputTest extends MistakeTest {
    @TestFactory
    List<DynamicTest> data() {
        fails("missing file", USAGE, () -> dpo(folder.resolve("none.jsonl")), "none.jsonl");
        fails("folder", USAGE, () -> dpo(folder), "expected");
        fails("empty file", BAD, () -> dpo(data("")), "no rows");
        fails("truncated gzip", BAD, () -> dpo(data(Arrays.copyOf(DamagedModel.gzip(GOOD.repeat(50)), 60))), "gzip");
        fails("not UTF-8", BAD, () -> dpo(data(new byte[] {'{', '"', (byte) 0xff, '"', '}'})), ":1", "UTF-8");
        fails("broken JSON", BAD, () -> dpo(data(GOOD + "{\"prompt\": \n")), ":2", "JSON");
        fails(
                "duplicate key",
                BAD,
                () -> dpo(data("{\"prompt\":\"a\",\"prompt\":\"b\",\"chosen\":\"c\",\"rejected\":\"d\"}")),
                ":1",
                "prompt");
        fails("missing field", BAD, () -> dpo(data("{\"prompt\":\"a\",\"chosen\":\"b\"}")), ":1", "rejected");
        fails("wrong type", BAD, () -> dpo(data("{\"prompt\":\"a\",\"chosen\":5,\"rejected\":\"c\"}")), ":1", "chosen");
        fails(
                "messages for a model without a chat template",
                BAD,
                () -> dpo(data(
                        "{\"prompt\":\"a\",\"chosen\":[{\"role\":\"user\",\"content\":\"x\"}],\"rejected\":\"c\"}")),
                ":1",
                "chat template");
        fails(
                "empty completion",
                BAD,
                () -> dpo(data(GOOD + "{\"prompt\":\"a\",\"chosen\":\"\",\"rejected\":\"c\"}")),
                ":2",
                "chosen",
                "empty");
        fails(
                "identical completions",
                BAD,
                () -> dpo(data("{\"prompt\":\"a\",\"chosen\":\" b\",\"rejected\":\" b\"}")),
                ":1",
                "the same text");
        fails(
                "one completion",
                BAD,
                () -> dpo(data("{\"prompt\":\"a\",\"completions\":[\" b\"],\"ranks\":[1]}")),
                ":1",
                "completions");
        fails(
                "ranks do not match",
                BAD,
                () -> dpo(data("{\"prompt\":\"a\",\"completions\":[\" b\",\" c\"],\"ranks\":[1]}")),
                ":1",
                "ranks");
        fails(
                "all tied",
                BAD,
                () -> dpo(data("{\"prompt\":\"a\",\"completions\":[\" b\",\" c\"],\"ranks\":[1,1]}")),
                ":1");
        fails(
                "score is no number",
                BAD,
                () -> dpo(data("{\"prompt\":\"a\",\"completions\":[\" b\",\" c\"],\"scores\":[\"x\",1]}")),
                ":1",
                "scores");
        fails("prompts fill max_length", BAD, () -> good("--max-length", "2"), "max_length");
        fails("eval_split leaves nothing", USAGE, () -> good("--eval-split", "5"), "eval_split");
        return cases;
    }

    @TestFactory
    List<DynamicTest> models() {
        fails(
                "missing folder",
                USAGE,
                () -> replaced("--model", folder.resolve("nowhere").toString()),
                "nowhere");
        fails("file for a folder", USAGE, () -> replaced("--model", data(GOOD).toString()), "folder");
        fails("no config.json", BAD, () -> without("config.json"), "config.json");
        fails(
                "broken config.json",
                BAD,
                () -> after(() -> damaged().edit("config.json", bytes -> Arrays.copyOf(bytes, 40))),
                "config.json");
        fails(
                "no architectures",
                BAD,
                () -> after(() -> damaged().replace("config.json", "\"architectures\"", "\"x\"")),
                "architectures",
                "LlamaForCausalLM");
        fails(
                "unknown architecture",
                BAD,
                () -> after(() -> damaged().replace("config.json", "LlamaForCausalLM", "MambaForCausalLM")),
                "MambaForCausalLM",
                "LlamaForCausalLM");
        fails(
                "negative size",
                BAD,
                () -> after(() -> damaged().replace("config.json", "\"hidden_size\": \\d+", "\"hidden_size\": -1")),
                "hidden_size",
                "-1");
        fails(
                "huge size",
                BAD,
                () -> after(
                        () -> damaged().replace("config.json", "\"vocab_size\": \\d+", "\"vocab_size\": 2000000000")),
                "model.safetensors");
        fails(
                "unknown activation",
                BAD,
                () -> after(() -> damaged().replace("config.json", "\"silu\"", "\"swoosh\"")),
                "swoosh",
                "silu");
        fails(
                "unknown rope",
                BAD,
                () -> after(() ->
                        damaged().replace("config.json", "\"rope_type\": \"default\"", "\"rope_type\": \"spiral\"")),
                "spiral",
                "llama3");
        fails("no weights", BAD, () -> without("model.safetensors"), "model");
        fails(
                "truncated weights",
                BAD,
                () -> after(() ->
                        damaged().edit("model.safetensors", bytes -> Arrays.copyOf(bytes, bytes.length - 100))),
                "model.safetensors");
        fails(
                "header of absurd size",
                BAD,
                () -> after(() -> damaged().edit("model.safetensors", bytes -> {
                    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, Long.MAX_VALUE);
                    return bytes;
                })),
                "model.safetensors",
                "header");
        fails("header is not JSON", BAD, () -> after(() -> damaged().header("\\{", "[")), "model.safetensors");
        fails(
                "overlapping tensors",
                BAD,
                () -> after(() -> damaged().header("\"data_offsets\":\\[(\\d+),(\\d+)\\]", "\"data_offsets\":[4,$2]")),
                "model.safetensors");
        fails(
                "wrong shape",
                BAD,
                () -> after(() ->
                        damaged().replace("config.json", "\"intermediate_size\": \\d+", "\"intermediate_size\": 8")),
                "mlp",
                "model.safetensors");
        fails("wrong type", BAD, () -> after(() -> damaged().header("\"F32\"", "\"I32\"")), "I32");
        fails(
                "missing tensor",
                BAD,
                () -> after(() -> damaged().header("model.norm.weight", "model.nose.weight")),
                "model.no");
        fails(
                "index names a missing file",
                BAD,
                () -> index("{\"weight_map\":{\"model.norm.weight\":\"gone.safetensors\"}}"),
                "gone.safetensors");
        fails(
                "index leaves the folder",
                BAD,
                () -> index("{\"weight_map\":{\"model.norm.weight\":\"../evil.safetensors\"}}"),
                "../evil.safetensors");
        fails("no tokenizer", BAD, () -> without("tokenizer.json"), "tokenizer.json");
        fails(
                "broken tokenizer",
                BAD,
                () -> after(() -> damaged().edit("tokenizer.json", bytes -> Arrays.copyOf(bytes, 100))),
                "tokenizer.json");
        fails(
                "weights are not numbers",
                FAILURE,
                () -> after(() -> damaged().edit("model.safetensors", bytes -> {
                    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                    for (int at = 8 + (int) buffer.getLong(0); at + 4 <= bytes.length; at += 4) {
                        buffer.putFloat(at, Float.NaN);
                    }
                    return bytes;
                })),
                "rows",
                ":1",
                "not a finite number");
        return cases;
    }

    @TestFactory
    List<DynamicTest> calls() {
        fails("unknown command", USAGE, () -> List.of("dop"), "dop", "dpo");
        fails("unknown key", USAGE, () -> good("--learning-rat", "1"), "--learning-rat", "--learning-rate", "--help");
        fails("stray word", USAGE, () -> good("fast"), "fast");
        fails("missing value", USAGE, () -> good("--beta"), "--beta");
        fails("missing required", USAGE, () -> List.of("dpo", "--model", "m"), "--data", "--output");
        fails("not a number", USAGE, () -> good("--beta", "big"), "--beta", "big", "number");
        fails("out of range", USAGE, () -> good("--label-smoothing", "0.7"), "label_smoothing", "0.7");
        fails("unknown choice", USAGE, () -> good("--lr-scheduler-type", "wavy"), "wavy", "cosine");
        fails("twice", USAGE, () -> good("--seed", "1", "--seed", "2"), "--seed");
        fails("contradiction", USAGE, () -> good("--resume", "--overwrite"), "resume", "overwrite");
        fails(
                "unknown key in a file",
                USAGE,
                () -> good("--config", yaml("beta: 0.1\nbetta: 0.2\n")),
                ".yaml:2",
                "betta",
                "beta");
        fails("key twice in a file", USAGE, () -> good("--config", yaml("seed: 1\nseed: 2\n")), ".yaml:2", "seed");
        fails("nested file", USAGE, () -> good("--config", yaml("beta:\n  x: 1\n")), ".yaml:1", "beta");
        fails(
                "lists in a file are read, with their own mistakes",
                USAGE,
                () -> good("--config", yaml("loss_type: [sigmoid, sft]\nloss_weights: [1.0]\n")),
                "loss_weights has 1 numbers for 2 names");
        fails("unknown loss", USAGE, () -> good("--loss-type", "plackett_luse"), "did you mean plackett_luce?");
        fails(
                "unused setting",
                USAGE,
                () -> good("--loss-type", "hinge", "--simpo-gamma", "1"),
                "simpo_gamma",
                "hinge");
        fails("broken YAML", USAGE, () -> good("--config", yaml("beta: [\n")), ".yaml");
        fails(
                "missing YAML",
                USAGE,
                () -> good("--config", folder.resolve("no.yaml").toString()),
                "no.yaml");
        fails(
                "unknown layer",
                USAGE,
                () -> good("--use-peft", "--lora-target-modules", "q_proj,c_attn"),
                "c_attn",
                "q_proj");
        fails("rank 0", USAGE, () -> good("--use-peft", "--lora-r", "0"), "lora_r");
        fails("dropout 1", USAGE, () -> good("--use-peft", "--lora-dropout", "1"), "lora_dropout");
        fails("adapter without use_peft", USAGE, () -> good("--adapter", "a"), "use_peft");
        fails(
                "orpo with another loss",
                USAGE,
                () -> orpo("--loss-type", "sigmoid"),
                "--loss-type: loss_type is sigmoid",
                "align4j dpo");
        fails(
                "orpo with a reference",
                USAGE,
                () -> orpo("--config", yaml("reference: base\n")),
                ".yaml:1: reference is base",
                "align4j dpo");
        fails(
                "a reference that no loss looks at",
                USAGE,
                () -> good("--loss-type", "simpo", "--reference", "base"),
                "reference is given, but loss_type simpo needs no reference");
        fails(
                "score with several models of one adapter",
                USAGE,
                () -> List.of("score", "--reward-model", "a", "--reward-model", "b", "--adapter", "c", "--data", "d"),
                "adapter",
                "2 reward models");
        fails(
                "no row left where none is cut",
                BAD,
                () -> List.of(
                        "reward",
                        "--model",
                        model.toString(),
                        "--data",
                        data("{\"prompt\":\"a\",\"chosen\":\" cat sat\",\"rejected\":\" dog sat\"}")
                                .toString(),
                        "--output",
                        fresh(),
                        "--max-length",
                        "4"),
                "no row is left for training",
                "long_rows: cut");
        fails(
                "data: neither inspect nor convert",
                USAGE,
                () -> List.of("data", "describe", "x.jsonl"),
                "data describe",
                "data inspect",
                "data convert");
        fails(
                "convert: unknown type",
                USAGE,
                () -> List.of("data", "convert", "x.jsonl", "--to", "pairs", "--output", "y.jsonl"),
                "pairs",
                "unpaired_preference");
        fails(
                "convert: unknown format",
                USAGE,
                () -> List.of("data", "convert", "x.jsonl", "--to", "ranking", "--output", "y.txt"),
                "y.txt",
                ".parquet");
        fails(
                "convert: prompts to preferences",
                USAGE,
                () -> List.of(
                        "data",
                        "convert",
                        data("{\"prompt\":\"a\"}").toString(),
                        "--to",
                        "preference",
                        "--output",
                        folder.resolve("y.jsonl").toString()),
                ":1",
                "prompts",
                "prompt_only");
        fails(
                "generate without a prompt",
                USAGE,
                () -> List.of("generate", "--model", model.toString()),
                "prompt",
                "data");
        fails(
                "generate: temperature",
                USAGE,
                () -> List.of("generate", "--model", model.toString(), "--prompt", "a", "--temperature", "-1"),
                "temperature");
        fails(
                "score: missing model",
                USAGE,
                () -> List.of(
                        "score",
                        "--model",
                        folder.resolve("nowhere").toString(),
                        "--data",
                        data(GOOD).toString()),
                "nowhere");
        fails(
                "score: output is a folder",
                USAGE,
                () -> List.of(
                        "score",
                        "--model",
                        model.toString(),
                        "--data",
                        data(GOOD).toString(),
                        "--output",
                        folder.toString()),
                "folder");
        return cases;
    }

    @TestFactory
    List<DynamicTest> outputs() {
        fails("output is a file", USAGE, () -> withOutput(data("x").toString()), "file");
        fails("output below a file", FAILURE, () -> withOutput(data("x") + "/deeper"), "deeper");
        fails("output is the model", USAGE, () -> withOutput(model.toString()), "model");
        fails(
                "output holds a model",
                USAGE,
                () -> {
                    Path old = folder.resolve("old" + count);
                    DamagedModel.copy(GOLDENS.resolve("model"), old);
                    return withOutput(old.toString());
                },
                "--resume",
                "--overwrite");
        fails(
                "resume with other settings",
                USAGE,
                () -> {
                    finishedRun();
                    return good("--resume", "--save-steps", "1", "--beta", "0.3");
                },
                "--overwrite");
        fails(
                "resume from a damaged checkpoint",
                BAD,
                () -> {
                    finishedRun();
                    Path optimizer = Path.of(fresh(), "checkpoint-1", "optimizer.safetensors");
                    Files.write(optimizer, Arrays.copyOf(Files.readAllBytes(optimizer), 1000));
                    Files.delete(Path.of(fresh(), "provenance.json"));
                    return good("--resume", "--save-steps", "1");
                },
                "optimizer.safetensors");
        return cases;
    }

    private void finishedRun() throws IOException {
        PrintStream realErr = System.err;
        try {
            System.setErr(new PrintStream(new ByteArrayOutputStream(), true, UTF_8));
            assertThat(Align4j.run(good("--save-steps", "1").toArray(new String[0])))
                    .isZero();
        } finally {
            System.setErr(realErr);
        }
    }

    /** Damages the model, then calls dpo on good data. */
    private List<String> after(Damage damage) throws IOException {
        damage.apply();
        return good();
    }

    private List<String> without(String file) throws IOException {
        Files.delete(model.resolve(file));
        return good();
    }

    private List<String> index(String json) throws IOException {
        Files.delete(model.resolve("model.safetensors"));
        Files.writeString(model.resolve("model.safetensors.index.json"), json);
        return good();
    }

    private List<String> replaced(String option, String value) throws IOException {
        List<String> arguments = new ArrayList<>(good());
        arguments.set(arguments.indexOf(option) + 1, value);
        return arguments;
    }

    private List<String> withOutput(String output) throws IOException {
        return replaced("--output", output);
    }

    private String yaml(String content) throws IOException {
        Path file = folder.resolve("run" + count + ".yaml");
        Files.writeString(file, content);
        return file.toString();
    }

    private List<String> orpo(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("orpo", "--model", model.toString(), "--output", fresh()));
        arguments.addAll(List.of("--data", data(GOOD).toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }
}
