package org.align4j.checkpoint;

import static org.align4j.checkpoint.Fixtures.assertBad;
import static org.align4j.checkpoint.Fixtures.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.gguf.GgufFile;
import org.align4j.gguf.GgufTensor;
import org.align4j.gguf.GgufType;
import org.align4j.model.Architecture;
import org.align4j.model.CausalLm;
import org.align4j.tensor.Dtype;
import org.align4j.text.ChatTemplate;
import org.align4j.text.SharedData;
import org.align4j.text.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Folders that become GGUF files, which open as the same folders. */
class GgufRoundTripTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden");

    @TempDir
    private Path folder;

    /** A golden model with a tokenizer of four tokens. */
    private Path family(String name) throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        try (var files = Files.list(GOLDENS.resolve("families").resolve(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        ObjectNode tokenizer =
                JsonFiles.readObject(GOLDENS.resolve("tokenizers/gpt2_style").resolve("tokenizer.json"));
        tokenizer.putArray("added_tokens");
        ((ObjectNode) tokenizer.get("model")).putArray("merges").add("a b");
        ((ObjectNode) tokenizer.get("model"))
                .putObject("vocab")
                .put("a", 0)
                .put("b", 1)
                .put("ab", 2)
                .put("!", 3);
        JsonFiles.write(model.resolve("tokenizer.json"), tokenizer);
        return model;
    }

    private Path export(Path model, GgufType type) {
        Path file = folder.resolve("model-" + type + ".gguf");
        try (ModelFolder source = ModelFolder.open(model)) {
            GgufExport.write(source, "tiny", ChatTemplate.sources(model), type, file);
        }
        return file;
    }

    /** Of a row longer than any window or unstretched context of the goldens. */
    private static float[] logits(ModelFolder folder) {
        int[] ids = new int[80];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i * 7 % 61;
        }
        try (CausalLm model = ModelLoader.load(folder, Dtype.F32, false)) {
            return FamilyGoldensTest.logits(model, ids);
        }
    }

    private static float[] values(ModelFolder model, String name) {
        return FloatBytes.decode(model.bytes(name), model.tensors().get(name).dtype());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama2",
                "llama3",
                "llama3_old_style",
                "llama_bf16",
                "llama_bias",
                "llama_linear",
                "llama_linear_old_style",
                "llama_sharded",
                "llama_yarn",
                "llama_yarn_old_style",
                "qwen2",
                "qwen3",
                "smollm2"
            })
    void weightsAndNumbersComeBack(String name) throws IOException {
        Path source = family(name);
        try (ModelFolder before = ModelFolder.open(source);
                ModelFolder after = ModelFolder.open(export(source, GgufType.F32))) {
            Architecture architecture = ModelLoader.architecture(after);
            assertThat(architecture.dimensions())
                    .isEqualTo(ModelLoader.architecture(before).dimensions());
            assertThat(logits(after)).isEqualTo(logits(before));
            for (String tensor : architecture.tensors().keySet()) {
                assertThat(values(after, tensor)).as(tensor).isEqualTo(values(before, tensor));
            }
        }
    }

    /** The goldens of these scale queries by neither the head's width nor as the largest of their kind. */
    @ParameterizedTest
    @ValueSource(strings = {"gemma2", "gemma2_old_style", "gemma3", "gemma3_old_style"})
    void gemmas(String name) throws IOException {
        Path source = family(name);
        assertBad(() -> export(source, GgufType.F32), "\"query_pre_attn_scalar\" is 6", "expected 8");
        ObjectNode config = JsonFiles.readObject(source.resolve("config.json"));
        config.put("query_pre_attn_scalar", 8);
        if (name.startsWith("gemma3")) {
            JsonFiles.write(source.resolve("config.json"), config);
            String key = name.equals("gemma3") ? "layer_types" : "sliding_window_pattern";
            assertBad(() -> export(source, GgufType.F32), '"' + key + '"', "gemma3 cannot express");
            config.put("sliding_window_pattern", 6);
            config.remove("layer_types");
        }
        JsonFiles.write(source.resolve("config.json"), config);
        try (ModelFolder before = ModelFolder.open(source);
                ModelFolder after = ModelFolder.open(export(source, GgufType.F32));
                GgufFile file = GgufFile.open(folder.resolve("model-F32.gguf"))) {
            Architecture architecture = ModelLoader.architecture(after);
            assertThat(architecture.dimensions())
                    .isEqualTo(ModelLoader.architecture(before).dimensions());
            // 1 is added to the norms and taken away again, which rounds.
            assertThat(logits(after)).containsExactly(logits(before), within(1e-4f));
            assertThat(values(after, "model.norm.weight"))
                    .containsExactly(values(before, "model.norm.weight"), within(1e-6f));
            GgufTensor norm = file.tensors().get("output_norm.weight");
            assertThat(file.floats(norm, 0, 1)[0]).isEqualTo(values(before, "model.norm.weight")[0] + 1);
            for (String tensor : architecture.tensors().keySet()) {
                if (tensor.endsWith("proj.weight")) {
                    assertThat(values(after, tensor)).as(tensor).isEqualTo(values(before, tensor));
                }
            }
        }
    }

    /** A window that no row outgrows is none. */
    @Test
    void mistralWithoutItsWindow() throws IOException {
        Path source = family("mistral");
        ObjectNode config = JsonFiles.readObject(source.resolve("config.json"));
        config.putNull("sliding_window");
        JsonFiles.write(source.resolve("config.json"), config);
        try (ModelFolder before = ModelFolder.open(source);
                ModelFolder after = ModelFolder.open(export(source, GgufType.F32))) {
            assertThat(logits(after)).isEqualTo(logits(before));
        }
        config.remove("sliding_window"); // then it is 4096 wide
        config.put("max_position_embeddings", 4097);
        JsonFiles.write(source.resolve("config.json"), config);
        Files.delete(folder.resolve("model-F32.gguf"));
        assertBad(() -> export(source, GgufType.F32), "\"sliding_window\" is not set", "max_position_embeddings");
    }

    /** Heads of width 8: rows 0, 4, 1, 5, 2, 6, 3, 7 of a head stand in this order in the file. */
    @Test
    void queriesAndKeysArePairedByHeads() throws IOException {
        Path source = family("llama2");
        try (ModelFolder before = ModelFolder.open(source);
                GgufFile file = GgufFile.open(export(source, GgufType.F32))) {
            for (String name : List.of("q", "k", "v")) {
                float[] here = values(before, "model.layers.1.self_attn." + name + "_proj.weight");
                GgufTensor tensor = file.tensors().get("blk.1.attn_" + name + ".weight");
                int row = (int) tensor.rowLength();
                int width = 8;
                for (int i = 0; i < here.length / row; i++) {
                    int inHead = i % width;
                    int from = name.equals("v") ? i : i - inHead + (inHead % 2 * width + inHead) / 2;
                    assertThat(file.floats(tensor, (long) i * row, row))
                            .isEqualTo(Arrays.copyOfRange(here, from * row, (from + 1) * row));
                }
            }
        }
    }

    /** Rows of 24 are no whole blocks: matrices become F16. Vectors stay as they are. */
    @ParameterizedTest
    @EnumSource(
            value = GgufType.class,
            names = {"F16", "BF16", "Q8_0", "Q4_1", "Q4_0"})
    void matricesBecomeWhatIsAskedFor(GgufType type) throws IOException {
        Path source = family("llama2");
        try (ModelFolder before = ModelFolder.open(source);
                ModelFolder after = ModelFolder.open(export(source, type))) {
            String down = "model.layers.0.mlp.down_proj.weight";
            GgufType stored =
                    type.isQuantised() && before.tensors().get(down).shape()[1] % 32 != 0 ? GgufType.F16 : type;
            float[] expected = values(before, down);
            ByteBuffer bytes =
                    ByteBuffer.allocate((int) stored.bytes(expected.length)).order(ByteOrder.LITTLE_ENDIAN);
            stored.encode(expected, bytes);
            stored.decode(bytes.flip(), expected);
            assertThat(values(after, down)).isEqualTo(expected);
            assertThat(values(after, "model.norm.weight")).isEqualTo(values(before, "model.norm.weight"));
        }
    }

    /** What transformers gives for the folder. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2_style", "llama3_style"})
    void tokensAreThoseOfTheFolder(String name) throws IOException {
        Path source = family("llama2");
        Path tokenizer = GOLDENS.resolve("tokenizers").resolve(name);
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(tokenizer.resolve(file), source.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        enlargeVocabulary(source, 400);
        Path file = export(source, GgufType.F16);
        JsonNode golden = JsonFiles.readObject(tokenizer.resolve("golden.json"));
        try (Tokenizer before = Tokenizer.load(source);
                Tokenizer after = Tokenizer.load(file)) {
            assertThat(after.bosId()).isEqualTo(before.bosId());
            assertThat(after.eosId()).isEqualTo(before.eosId());
            assertThat(after.vocabSize()).isEqualTo(before.vocabSize()); // the rest of the embedding stays nameless
            for (JsonNode each : golden.get("cases")) {
                String text = each.get("text").stringValue();
                assertThat(after.encode(text)).as(text).isEqualTo(before.encode(text));
                assertThat(after.encodeWithoutSpecialTokens(text))
                        .containsExactly(each.get("ids_without_special")
                                .valueStream()
                                .mapToInt(JsonNode::intValue)
                                .toArray());
                assertThat(after.decode(after.encode(text), true)).isEqualTo(before.decode(before.encode(text), true));
            }
        }
    }

    /** The model's embedding with zeros below. */
    private static void enlargeVocabulary(Path model, int size) {
        ObjectNode config = JsonFiles.readObject(model.resolve("config.json"));
        config.put("vocab_size", size);
        config.put("tie_word_embeddings", true);
        try (ModelFolder before = ModelFolder.open(model)) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : before.tensors().keySet()) {
                float[] values = values(before, name);
                long[] shape = before.tensors().get(name).shape();
                if (name.equals("model.embed_tokens.weight")) {
                    shape = new long[] {size, shape[1]};
                    values = Arrays.copyOf(values, (int) (size * shape[1]));
                }
                if (!name.equals("lm_head.weight")) {
                    tensors.add(Fixtures.floats(name, values, shape));
                }
            }
            SafetensorsWriter.write(model.resolve("model.safetensors"), tensors);
        }
        JsonFiles.write(model.resolve("config.json"), config);
    }

    /** Merges ordered by the score of what they make, longer left halves first, as transformers orders them. */
    @Test
    void sentencePieceByHand() throws IOException {
        Path source = family("llama2");
        sentencePiece(source, List.of("a b", "▁ a", "▁a b", "▁ ab"));
        Path file = export(source, GgufType.F16);
        try (ModelFolder after = ModelFolder.open(file);
                Tokenizer tokenizer = Tokenizer.load(file)) {
            assertThat(after.json("tokenizer.json")
                            .orElseThrow()
                            .get("model")
                            .get("merges")
                            .toString())
                    .isEqualTo("[[\"a\",\"b\"],[\"▁\",\"a\"],[\"▁a\",\"b\"],[\"▁\",\"ab\"]]");
            // <s> ▁ab ▁a ab newline: a space goes in front.
            assertThat(tokenizer.encode("ab aab\n")).containsExactly(1, 9, 8, 7, 4);
            assertThat(tokenizer.decode(tokenizer.encode("ab aab\n"), true)).isEqualTo("ab aab\n");
        }
        Files.delete(file);
        sentencePiece(source, List.of("a b", "▁ a", "▁a b"));
        assertBad(() -> export(source, GgufType.F16), "merges do not follow from scores");
        sentencePiece(source, List.of("a b", "▁ ab", "▁ a", "▁a b"));
        assertBad(() -> export(source, GgufType.F16), "merges do not follow from scores");
    }

    /** {@code <unk> <s> </s> ▁ newline a b ab ▁a ▁ab}. */
    private static void sentencePiece(Path folder, List<String> merges) {
        ObjectNode json = JsonFiles.readObject(GOLDENS.resolve("tokenizers/llama2_style/tokenizer.json"));
        ObjectNode model = (ObjectNode) json.get("model");
        ObjectNode vocab = model.putObject("vocab");
        for (String token : List.of("<unk>", "<s>", "</s>", "▁", "<0x0A>", "a", "b", "ab", "▁a", "▁ab")) {
            vocab.put(token, vocab.size());
        }
        var list = model.putArray("merges");
        merges.forEach(list::add);
        JsonFiles.write(folder.resolve("tokenizer.json"), json);
        JsonFiles.write(
                folder.resolve("tokenizer_config.json"),
                JsonFiles.newObject()
                        .put("bos_token", "<s>")
                        .put("eos_token", "</s>")
                        .put("unk_token", "<unk>"));
    }

    @Test
    void chatTemplatesGoAlong() throws IOException {
        Path source = family("llama2");
        ObjectNode config = JsonFiles.newObject().put("eos_token", "!");
        config.put("chat_template", "{{ messages[0].content }}");
        JsonFiles.write(source.resolve("tokenizer_config.json"), config);
        assertThat(ChatTemplate.sources(export(source, GgufType.F32)))
                .isEqualTo(Map.of("default", "{{ messages[0].content }}"));
        Files.delete(folder.resolve("model-F32.gguf"));
        Files.createDirectory(source.resolve("additional_chat_templates"));
        Files.writeString(source.resolve("chat_template.jinja"), "one\ntwo");
        Files.writeString(source.resolve("additional_chat_templates/tool_use.jinja"), "three");
        assertThat(ChatTemplate.sources(export(source, GgufType.F32)))
                .isEqualTo(Map.of("default", "one\ntwo", "tool_use", "three"));
    }

    @Test
    void twoTokensThatEndATextComeBack() throws IOException {
        Path source = family("llama3"); // eos_token_id: [2, 3]
        Files.delete(source.resolve("tokenizer.json"));
        Files.copy(family("llama2").resolve("tokenizer.json"), source.resolve("tokenizer.json"));
        try (ModelFolder after = ModelFolder.open(export(source, GgufType.F32))) {
            assertThat(after.json("generation_config.json")
                            .orElseThrow()
                            .get("eos_token_id")
                            .toString())
                    .isEqualTo("[2,3]");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mixtral           | \"MixtralForCausalLM\", which is not exported; supported: MistralForCausalLM, Llama",
                "gpt2              | \"GPT2LMHeadModel\"",
                "mistral           | \"sliding_window\" is 5, which a GGUF file of llama cannot express",
                "qwen2_sliding     | \"use_sliding_window\" is true",
                "qwen3_yarn        | \"beta_fast\" is 4.0, which a GGUF file of qwen3 cannot express",
                "gemma2_uncapped   | cannot express",
            })
    void whatAFileCannotExpress(String name, String words) throws IOException {
        Path source = family(name);
        assertBad(() -> export(source, GgufType.F32), words);
        assertThat(folder.resolve("model-F32.gguf")).doesNotExist();
    }

    @Test
    void whatAFileCannotExpressOfATokenizer() throws IOException {
        Path source = family("llama2");
        ObjectNode json = JsonFiles.readObject(source.resolve("tokenizer.json"));
        json.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        JsonFiles.write(source.resolve("tokenizer.json"), json);
        assertBad(() -> export(source, GgufType.F32), "tokenizer.json: pre_tokenizer is", "WhitespaceSplit", "qwen2");
        ((ObjectNode) json.get("model")).put("type", "WordLevel");
        JsonFiles.write(source.resolve("tokenizer.json"), json);
        assertBad(() -> export(source, GgufType.F32), "model.type is \"WordLevel\"", "expected \"BPE\"");
        Files.delete(source.resolve("tokenizer.json"));
        assertBad(() -> export(source, GgufType.F32), "there is no tokenizer.json");
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        Path source = family("llama2");
        export(source, GgufType.F32);
        assertRefused(AlignException.Kind.USAGE, () -> export(source, GgufType.F32), "exists already");
    }

    /** A real SentencePiece tokenizer, and weights that are exported from the file again. */
    @Test
    void storiesComeBack() {
        Path source = SharedData.require("models/stories260k");
        Path file = export(source, GgufType.F16);
        String text = "Once upon a time, Zoë said: \"I'm 12!\"\n\n  Yes — 😀 <s>x</s>";
        try (Tokenizer before = Tokenizer.load(source);
                Tokenizer after = Tokenizer.load(file)) {
            assertThat(after.encode(text)).isEqualTo(before.encode(text));
            assertThat(after.decode(after.encode(text), false)).isEqualTo(before.decode(before.encode(text), false));
        }
        Path again = export(file, GgufType.F32);
        try (ModelFolder first = ModelFolder.open(file);
                ModelFolder second = ModelFolder.open(again)) {
            for (String tensor : first.tensors().keySet()) {
                assertThat(values(second, tensor)).as(tensor).isEqualTo(values(first, tensor));
            }
            assertThat(second.config()).isEqualTo(first.config());
            assertThat(second.json("tokenizer.json")).isEqualTo(first.json("tokenizer.json"));
        }
    }
}
