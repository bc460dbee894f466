package org.align4j.checkpoint;

import static org.align4j.checkpoint.AtomicFilesTest.link;
import static org.align4j.checkpoint.Fixtures.assertBad;
import static org.align4j.checkpoint.Fixtures.assertRefused;
import static org.align4j.checkpoint.Fixtures.counting;
import static org.align4j.checkpoint.Fixtures.values;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.align4j.AlignException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFolderTest {
    /** 8, 12 and 16 bytes: three files where a file may hold 16. */
    private static final List<TensorSource> TENSORS =
            List.of(counting("b", 0, 2), counting("a", 10, 3), counting("c", 20, 2, 2));

    private static final String INDEX = "model.safetensors.index.json";

    @TempDir
    Path folder;

    @BeforeEach
    void writeConfig() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\", \"limit\": Infinity}");
    }

    private void writeShards() {
        SafetensorsWriter.writeModel(folder, TENSORS, 16);
    }

    private void assertIndexBad(String index, String... words) throws IOException {
        Files.writeString(folder.resolve(INDEX), index);
        assertBad(() -> ModelFolder.open(folder), INDEX);
        assertBad(() -> ModelFolder.open(folder), words);
    }

    @Test
    void threeShardsAndTheirIndex() throws IOException {
        writeShards();

        assertThat(Fixtures.names(folder))
                .containsExactly(
                        "config.json",
                        "model-00001-of-00003.safetensors",
                        "model-00002-of-00003.safetensors",
                        "model-00003-of-00003.safetensors",
                        INDEX);
        assertThat(folder.resolve(INDEX)).hasContent("""
                        {
                          "metadata": {
                            "total_parameters": 9,
                            "total_size": 36
                          },
                          "weight_map": {
                            "a": "model-00002-of-00003.safetensors",
                            "b": "model-00001-of-00003.safetensors",
                            "c": "model-00003-of-00003.safetensors"
                          }
                        }
                        """);
        try (ModelFolder model = ModelFolder.open(folder)) {
            assertThat(model.config().get("model_type").stringValue()).isEqualTo("llama");
            assertThat(model.config().get("limit").doubleValue()).isInfinite();
            assertThat(model.tensors().keySet()).containsExactly("b", "a", "c");
            assertThat(values(model, "b")).containsExactly(0, 1);
            assertThat(values(model, "a")).containsExactly(10, 11, 12);
            assertThat(values(model, "c")).containsExactly(20, 21, 22, 23);
            assertThat(model.chunks("c")).hasSize(1);
            assertThat(model.fileOf("c")).isEqualTo(folder.resolve("model-00003-of-00003.safetensors"));
            assertBad(() -> model.bytes("d"), "no tensor \"d\"", "only b, a, c");
        }
    }

    @Test
    void whatFitsIsOneFileAndWhatDoesNotFitAnywhereGetsItsOwn() {
        SafetensorsWriter.writeModel(folder, TENSORS, 36);
        assertThat(Fixtures.names(folder)).containsExactly("config.json", "model.safetensors");
        try (ModelFolder model = ModelFolder.open(folder)) {
            assertThat(model.tensors().keySet()).containsExactly("b", "a", "c");
        }
        assertThat(SafetensorsWriter.writeModel(folder.resolve("small"), TENSORS, 4))
                .hasSize(4);
        assertThat(SafetensorsWriter.writeModel(folder.resolve("pairs"), TENSORS, 20))
                .hasSize(3);
    }

    @Test
    void missingFolderOrFile() throws IOException {
        assertRefused(
                AlignException.Kind.USAGE,
                () -> ModelFolder.open(folder.resolve("nowhere")),
                "nowhere: no such folder",
                "check the path or download");
        assertRefused(
                AlignException.Kind.USAGE,
                () -> ModelFolder.open(folder.resolve("config.json")),
                "config.json: is a file",
                "name the folder");
        Path gguf = Files.writeString(folder.resolve("model.gguf"), "GGUF");
        assertBad(() -> ModelFolder.open(gguf), "model.gguf: ends within the version");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pytorch_model.bin                | found pytorch_model.bin; convert to safetensors",
                "model.Q4_1.gguf                  | found model.Q4_1.gguf; name the GGUF file itself as the model",
                "adapter_config.json              | PEFT adapter, name the folder of its base model",
                "model-00001-of-00002.safetensors | expected the names that transformers gives",
                "notes.txt                        | expected the folder of a Hugging Face model",
            })
    void aFolderOfSomethingElse(String file, String words) throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        assertBad(() -> ModelFolder.open(other), "other: has no config.json", "holds no files");
        Files.writeString(other.resolve(file), "");
        assertBad(() -> ModelFolder.open(other), "other: has no config.json", words);
        Files.writeString(other.resolve("config.json"), "{}");
        assertBad(() -> ModelFolder.open(other), "other: has neither model.safetensors nor " + INDEX, file);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\":                | is not a JSON object",
                "[1]                    | type ARRAY, expected an object",
                "{\"a\": 1, \"a\": 2}   | \"a\"",
                "''                     | found nothing",
            })
    void brokenConfig(String config, String words) throws IOException {
        Files.writeString(folder.resolve("config.json"), config);
        assertBad(() -> ModelFolder.open(folder), "config.json", words);
    }

    @Test
    void aDamagedShardIsNamed() throws IOException {
        writeShards();
        Files.write(folder.resolve("model-00002-of-00003.safetensors"), new byte[3]);
        assertBad(() -> ModelFolder.open(folder), "model-00002-of-00003.safetensors", "has 3 bytes");
    }

    @Test
    void missingShardsAreNamedTogether() throws IOException {
        writeShards();
        Files.delete(folder.resolve("model-00001-of-00003.safetensors"));
        Files.delete(folder.resolve("model-00003-of-00003.safetensors"));
        assertBad(
                () -> ModelFolder.open(folder),
                INDEX,
                "names 3 weight files",
                "missing in the folder: model-00001-of-00003.safetensors, model-00003-of-00003.safetensors",
                "download or export the model again");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors",
                "/etc/x.safetensors",
                "sub/x.safetensors",
                "..\\\\x.safetensors",
                "C:x.safetensors",
                "..",
                "",
                "x.bin",
                "x\\u0000.safetensors"
            })
    void filesOutsideTheFolderAreRefused(String name) throws IOException {
        writeShards();
        assertIndexBad(
                "{\"weight_map\": {\"w\": \"" + name + "\"}}",
                "tensor \"w\" lies in",
                "expected the plain name of a .safetensors file in the same folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"weight_map\": 5}", "{\"weight_map\": {}}", "{\"weight_map\": []}"})
    void anIndexWithoutAMap(String index) throws IOException {
        assertIndexBad(index, "has no weight_map", "expected an object");
    }

    @Test
    void anIndexThatIsNotJson() throws IOException {
        assertIndexBad("{\"weight_map\": {\"w\": 5}}", "tensor \"w\" lies in 5");
        assertIndexBad("not json\n\n", "is not a JSON object");
    }

    @Test
    void linksUnderPlainNamesWorkAsInTheHubCache() throws IOException {
        Path snapshot = Files.createDirectories(folder.resolve("cache/snapshots/1"));
        Path blobs = Files.createDirectories(folder.resolve("cache/blobs"));
        writeShards();
        for (String name : Fixtures.names(folder)) {
            Files.move(folder.resolve(name), blobs.resolve("blob-" + name));
            link(snapshot.resolve(name), Path.of("../../blobs/blob-" + name));
        }
        try (ModelFolder model = ModelFolder.open(snapshot)) {
            assertThat(values(model, "a")).containsExactly(10, 11, 12);
        }
    }

    @Test
    void indexAndFilesMustAgree() throws IOException {
        writeShards();
        String first = "model-00001-of-00003.safetensors";
        assertIndexBad(
                "{\"weight_map\": {\"b\": \"" + first + "\", \"zz\": \"" + first + "\"}}",
                "tensor \"zz\" should lie in " + first,
                "does not have it");
        SafetensorsWriter.write(folder.resolve("copy.safetensors"), List.of(counting("b", 0, 2)));
        assertIndexBad(
                "{\"weight_map\": {\"b\": \"" + first + "\", \"a\": \"model-00002-of-00003.safetensors\", \"c\":"
                        + " \"copy.safetensors\"}}",
                "tensor \"c\" should lie in copy.safetensors");
        SafetensorsWriter.write(folder.resolve("copy.safetensors"), List.of(counting("b", 0, 2), counting("d", 0, 2)));
        assertIndexBad(
                "{\"weight_map\": {\"b\": \"" + first + "\", \"d\": \"copy.safetensors\"}}",
                "tensor \"b\" is in two files, copy.safetensors and " + first);
    }

    @Test
    void theHashIsThatOfSha256sum() throws Exception {
        writeShards();
        String hash;
        try (ModelFolder model = ModelFolder.open(folder)) {
            hash = model.weightsHash();
        }
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= 3; i++) {
            String name = "model-0000" + i + "-of-00003.safetensors";
            lines.append(sha256(Files.readAllBytes(folder.resolve(name))))
                    .append("  ")
                    .append(name)
                    .append('\n');
        }
        assertThat(hash).isEqualTo(sha256(lines.toString().getBytes(StandardCharsets.US_ASCII)));

        SafetensorsWriter.writeModel(
                folder, List.of(counting("b", 0, 2), counting("a", 10, 3), counting("c", 21, 2, 2)), 16);
        try (ModelFolder model = ModelFolder.open(folder)) {
            assertThat(model.weightsHash()).isNotEqualTo(hash);
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void filesToCarryOver() throws IOException {
        writeShards();
        List<String> carried = List.of(
                "LICENSE",
                "added_tokens.json",
                "chat_template.jinja",
                "chat_template.json",
                "generation_config.json",
                "merges.txt",
                "special_tokens_map.json",
                "spiece.model",
                "tokenizer.json",
                "tokenizer.model",
                "tokenizer_config.json",
                "vocab.json");
        for (String name : carried) {
            Files.writeString(folder.resolve(name), "");
        }
        for (String other : List.of(
                "README.md",
                "optimizer.pt",
                "pytorch_model.bin",
                "trainer_state.json",
                "training_args.bin",
                "tokenization_x.py",
                ".gitattributes")) {
            Files.writeString(folder.resolve(other), "");
        }
        Files.createDirectory(folder.resolve("tokenizer_dir.json"));
        try (ModelFolder model = ModelFolder.open(folder)) {
            assertThat(model.carriedFiles())
                    .extracting(path -> path.getFileName().toString())
                    .containsExactlyElementsOf(carried);
        }
    }
}
