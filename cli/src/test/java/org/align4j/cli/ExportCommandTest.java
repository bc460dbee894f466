package org.align4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code align4j export gguf}, and the commands that read what it writes. */
class ExportCommandTest {
    private static final Path GOLDENS = Path.of("../core/src/test/resources/golden");
    private static final JsonMapper MAPPER = new JsonMapper();

    private record Result(int code, String out, String err) {}

    @TempDir
    private Path folder;

    private Path model;
    private Path file;

    /** A Llama with random weights and a tokenizer of its 61 first characters. */
    @BeforeEach
    void write() throws IOException {
        model = Files.createDirectory(folder.resolve("model"));
        file = folder.resolve("model.gguf");
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(GOLDENS.resolve("families/llama2").resolve(name), model.resolve(name));
        }
        ObjectNode tokenizer = (ObjectNode) MAPPER.readTree(
                GOLDENS.resolve("tokenizers/gpt2_style/tokenizer.json").toFile());
        tokenizer.putArray("added_tokens");
        ObjectNode bpe = (ObjectNode) tokenizer.get("model");
        bpe.putArray("merges");
        ObjectNode vocab = bpe.putObject("vocab").put("Ġ", 0).put("Ċ", 1).put("</s>", 2);
        for (char c = 'A'; vocab.size() < 61; c++) {
            vocab.put(String.valueOf(c), vocab.size());
        }
        Files.writeString(model.resolve("tokenizer.json"), tokenizer.toString());
        Files.writeString(
                model.resolve("tokenizer_config.json"),
                "{\"eos_token\": \"</s>\", \"chat_template\": \"{% for m in messages %}{{ m.content }}{% endfor %}\"}");
    }

    private static Result run(Object... arguments) {
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        PrintStream realOut = System.out;
        PrintStream realErr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(out, true, UTF_8));
            System.setErr(new PrintStream(err, true, UTF_8));
            int code = Align4j.run(words.toArray(new String[0]));
            return new Result(code, out.toString(UTF_8), err.toString(UTF_8));
        } finally {
            System.setOut(realOut);
            System.setErr(realErr);
        }
    }

    private Result export(String type) {
        return run("export", "gguf", "--model", model, "--type", type, "--output", file);
    }

    /** In float32 the file is the model: every command gives the same of both. */
    @Test
    void commandsTakeTheFileAsTheyTakeTheFolder() throws IOException {
        assertThat(export("f32").code()).isZero();
        Path data = Files.writeString(
                folder.resolve("data.jsonl"),
                "{\"prompt\": \"HELLO\", \"chosen\": \" THERE\", \"rejected\": \" YOU\"}\n".repeat(3));
        Path messages = Files.writeString(folder.resolve("m.json"), "[{\"role\": \"user\", \"content\": \"HI\"}]");
        List<List<Object>> commands = List.of(
                List.of("generate", "--prompt", "HELLO", "--n", 2, "--max-new-tokens", 8),
                List.of("score", "--data", data),
                List.of("template", "--messages", messages),
                List.of("data", "inspect", data));
        for (List<Object> command : commands) {
            List<Object> withFolder = new ArrayList<>(command);
            withFolder.addAll(List.of("--model", model));
            List<Object> withFile = new ArrayList<>(command);
            withFile.addAll(List.of("--model", file));
            Result expected = run(withFolder.toArray());
            assertThat(expected.code()).as(expected.err()).isZero();
            assertThat(run(withFile.toArray()).out()).isEqualTo(expected.out()).isNotEmpty();
        }
    }

    /** Training from a file writes an ordinary folder, the same as training from the folder. */
    @Test
    void trainingStartsFromAFile() throws IOException {
        assertThat(export("f32").code()).isZero();
        Path data = Files.writeString(
                folder.resolve("data.jsonl"),
                "{\"prompt\": \"HELLO\", \"chosen\": \" THERE\", \"rejected\": \" YOU\"}\n".repeat(8));
        for (Path source : List.of(model, file)) {
            Result result = run(
                    "dpo",
                    "--model",
                    source,
                    "--data",
                    data,
                    "--output",
                    folder.resolve("from-" + source.getFileName()),
                    "--cache-dir",
                    folder.resolve("cache"),
                    "--dtype",
                    "float32",
                    "--max-steps",
                    2);
            assertThat(result.code()).as(result.err()).isZero();
        }
        Path aligned = folder.resolve("from-model.gguf");
        assertThat(aligned.resolve("model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("from-model/model.safetensors"));
        assertThat(MAPPER.readTree(aligned.resolve("tokenizer_config.json").toFile())
                        .get("chat_template")
                        .stringValue())
                .isEqualTo("{% for m in messages %}{{ m.content }}{% endfor %}");
        for (String name : List.of("config.json", "tokenizer.json", "generation_config.json", "provenance.json")) {
            assertThat(aligned.resolve(name)).exists();
        }
        assertThat(run("generate", "--model", aligned, "--prompt", "HELLO", "--max-new-tokens", 4)
                        .code())
                .isZero();
    }

    @Test
    void saysWhatItWrote() throws IOException {
        Result result = export("q8_0");
        assertThat(result.code()).isZero();
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("model.gguf: %,d bytes".formatted(Files.size(file)));
    }

    @Test
    void mistakes() throws IOException {
        assertThat(export("q3_k"))
                .matches(result -> result.code() == 2 && result.err().contains("q4_1"));
        assertThat(run("export", "onnx", "--model", model).err()).contains("expected export gguf --model");
        assertThat(run("export").code()).isEqualTo(2);
        assertThat(export("f16").code()).isZero();
        assertThat(export("f16").err()).contains("exists already");
        Files.writeString(model.resolve("adapter_config.json"), "{}");
        Files.delete(model.resolve("config.json"));
        assertThat(export("f16").err()).contains("is the folder of an adapter", "align4j merge --model BASE");
        Files.write(file, new byte[] {'G', 'G', 'U', 'F', 3});
        Result damaged = run("generate", "--model", file, "--prompt", "A");
        assertThat(damaged.code()).isEqualTo(3);
        assertThat(damaged.err())
                .contains("model.gguf: ends within the version")
                .hasLineCount(1);
        assertThat(run("export", "--help").out()).contains("--type", "q8_0");
    }
}
