package org.align4j.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.align4j.AlignException;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.text.ChatTemplate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong with a file, it is said in one line; nothing is allocated that the file does not hold. */
class GgufDamageTest {
    private static final int HEAD = 24; // magic, version, counts

    @TempDir
    private Path folder;

    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private List<GgufTensor> tensors;

    /** A Llama of one layer and four tokens, whose weights are all 0. */
    @BeforeEach
    void tinyLlama() {
        metadata.put("general.architecture", "llama");
        metadata.put("llama.embedding_length", 32);
        metadata.put("llama.block_count", 1);
        metadata.put("llama.feed_forward_length", 32);
        metadata.put("llama.context_length", 64);
        metadata.put("llama.attention.head_count", 4);
        metadata.put("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.pre", "gpt-2");
        metadata.put("tokenizer.ggml.tokens", List.of("a", "b", "ab", "</s>"));
        metadata.put("tokenizer.ggml.token_type", new int[] {1, 1, 1, 3});
        metadata.put("tokenizer.ggml.merges", List.of("a b"));
        metadata.put("tokenizer.ggml.eos_token_id", 3);
        tensors = GgufWriter.placed(List.of(
                tensor("token_embd.weight", GgufType.Q8_0, 4, 32),
                tensor("blk.0.attn_norm.weight", GgufType.F32, 32),
                tensor("blk.0.attn_q.weight", GgufType.Q4_1, 32, 32),
                tensor("blk.0.attn_k.weight", GgufType.Q4_0, 32, 32),
                tensor("blk.0.attn_v.weight", GgufType.F16, 32, 32),
                tensor("blk.0.attn_output.weight", GgufType.BF16, 32, 32),
                tensor("blk.0.ffn_norm.weight", GgufType.F32, 32),
                tensor("blk.0.ffn_gate.weight", GgufType.Q5_0, 32, 32),
                tensor("blk.0.ffn_up.weight", GgufType.Q5_1, 32, 32),
                tensor("blk.0.ffn_down.weight", GgufType.F32, 32, 32),
                tensor("output_norm.weight", GgufType.F32, 32)));
    }

    private static GgufTensor tensor(String name, GgufType type, long... shape) {
        return new GgufTensor(name, type, shape, 0);
    }

    private byte[] file() {
        byte[] head = GgufWriter.head(metadata, tensors);
        GgufTensor last = tensors.get(tensors.size() - 1);
        return Arrays.copyOf(head, (int) (head.length + last.offset() + last.byteCount()));
    }

    /** Reads everything that there is in a file. */
    private void readAll(byte[] bytes) throws IOException {
        Path path = Files.write(folder.resolve("tiny.gguf"), bytes);
        try (ModelFolder model = ModelFolder.open(path)) {
            for (String name : model.tensors().keySet()) {
                for (ByteBuffer chunk : model.chunks(name)) {
                    assertThat(chunk.remaining()).isPositive();
                }
            }
            ChatTemplate.sources(path);
            model.carried();
            model.weightsHash();
        }
    }

    private void assertBad(byte[] bytes, String... words) {
        AlignException refused = catchThrowableOfType(AlignException.class, () -> readAll(bytes));
        assertThat(refused).as("an AlignException").isNotNull();
        assertThat(refused.getMessage()).contains(words).doesNotContain("\n", "\r");
        assertThat(refused.kind()).isEqualTo(AlignException.Kind.BAD_INPUT);
    }

    private byte[] changed(Consumer<ByteBuffer> change) {
        byte[] bytes = file();
        change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return bytes;
    }

    @Test
    void theWholeFileIsRead() throws IOException {
        readAll(file());
    }

    @Test
    void everyShorterFileIsRefused() {
        byte[] whole = file();
        for (int length = 0; length < whole.length; length += length < 1600 ? 1 : 97) {
            assertBad(Arrays.copyOf(whole, length), "tiny.gguf: ", "damaged or incomplete");
        }
    }

    /** A flipped byte may leave a readable file, with other numbers; otherwise only our own error may come out. */
    @Test
    void flippedBytes() throws IOException {
        byte[] whole = file();
        int head = GgufWriter.head(metadata, tensors).length;
        SplittableRandom random = new SplittableRandom(3);
        int refused = 0;
        for (int i = 0; i < 6000; i++) {
            byte[] bytes = whole.clone();
            int flips = 1 + random.nextInt(3);
            for (int flip = 0; flip < flips; flip++) {
                bytes[random.nextInt(head)] = (byte) (random.nextBoolean() ? random.nextInt(256) : -1);
            }
            try {
                readAll(bytes);
            } catch (AlignException e) {
                assertThat(e.getMessage()).doesNotContain("\n", "\r");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(3000);
    }

    @Test
    void countsAndLengthsThatLie() {
        assertBad(changed(bytes -> bytes.putLong(8, Long.MAX_VALUE)), "claims 9223372036854775807 tensors");
        assertBad(changed(bytes -> bytes.putLong(8, -1)), "number of tensors is 18446744073709551615");
        assertBad(changed(bytes -> bytes.putLong(16, 1L << 40)), "claims 11 tensors and 1099511627776 keys");
        assertBad(changed(bytes -> bytes.putLong(HEAD, 1L << 33)), "ends within key 0", "8589934592 bytes are claimed");
        byte[] whole = file();
        int tokens = new String(whole, StandardCharsets.ISO_8859_1).indexOf("ggml.tokens") + 11;
        assertBad(changed(bytes -> bytes.putLong(tokens + 8, 1L << 31)), "\"tokenizer.ggml.tokens\"", "are claimed");
        assertBad(changed(bytes -> bytes.putLong(tokens + 8, Long.MAX_VALUE)), "more than it can hold");
        assertBad(changed(bytes -> bytes.putInt(tokens + 4, 9)), "is a list of lists");
        assertBad(changed(bytes -> bytes.putInt(tokens, 77)), "unknown type 77");
    }

    @Test
    void versionsAndOrders() {
        assertBad(changed(bytes -> bytes.putInt(4, 1)), "has GGUF version 1, expected 2 or 3");
        assertBad(changed(bytes -> bytes.putInt(4, 3 << 24)), "big-endian");
        assertBad(changed(bytes -> bytes.put(0, (byte) 'X')), "does not begin with GGUF");
    }

    @Test
    void tensorsThatLie() {
        tensors = List.of(tensor("token_embd.weight", GgufType.Q8_0, 4, 33));
        assertBad(GgufWriter.head(metadata, tensors), "\"token_embd.weight\" has rows of 33 values", "multiples of 32");
        tensors = List.of(tensor("t", GgufType.F32, 1L << 31, 1L << 31, 1L << 31));
        assertBad(GgufWriter.head(metadata, tensors), "larger than any file");
        tensors = List.of(tensor("t", GgufType.F32, 1, 1, 1, 1, 1));
        assertBad(GgufWriter.head(metadata, tensors), "has 5 dimensions");
        tensors = List.of(tensor("t", GgufType.F32, 8), tensor("t", GgufType.F32, 8));
        assertBad(file(), "\"t\" stands there twice");
        tensors = List.of(tensor("t", GgufType.F32, 16), new GgufTensor("u", GgufType.F32, new long[] {16}, 32));
        assertBad(file(), "\"u\" begins at data byte 32, within another tensor");
        tensors = List.of(new GgufTensor("t", GgufType.F32, new long[] {8}, 8));
        assertBad(file(), "expected a multiple of 32");
        tensors = List.of(tensor("t", GgufType.F32, 8));
        byte[] cut = Arrays.copyOf(file(), file().length - 1);
        assertBad(cut, "ends at data byte 32, the file has only 31 data bytes: it was cut short");
    }

    @Test
    void quantisationsThatAreNotRead() {
        byte[] whole = file();
        int type = new String(whole, StandardCharsets.ISO_8859_1).indexOf("token_embd.weight") + 17 + 20;
        assertBad(changed(bytes -> bytes.putInt(type, 19)), "\"token_embd.weight\" is stored as IQ1_S", "Q4_K_M");
        assertBad(changed(bytes -> bytes.putInt(type, 1234)), "is stored as number 1234");
    }

    @Test
    void modelsThatAreNotRead() {
        metadata.put("general.architecture", "rwkv\n7");
        assertBad(file(), "general.architecture is \"rwkv\\u000a7\"", "supported: llama, qwen2, qwen3, gemma2, gemma3");
        metadata.put("general.architecture", "llama");
        metadata.put("llama.expert_count", 8);
        assertBad(file(), "llama.expert_count is \"8\"");
        metadata.remove("llama.expert_count");
        metadata.put("split.count", 2);
        assertBad(file(), "llama-gguf-split --merge");
        metadata.remove("split.count");
        metadata.put("llama.rope.scaling.type", "longrope");
        assertBad(file(), "llama.rope.scaling.type is \"longrope\"", "supported: none, linear, yarn");
    }

    @Test
    void tokenizersThatAreNotRead() {
        metadata.put("tokenizer.ggml.pre", "tekken");
        assertBad(file(), "tokenizer.ggml.pre is \"tekken\"", "gpt-2", "llama-bpe");
        metadata.put("tokenizer.ggml.pre", "gpt-2");
        metadata.put("tokenizer.ggml.tokens", List.of("a", "b", "a", "</s>"));
        assertBad(file(), "has a token twice");
        metadata.put("tokenizer.ggml.token_type", new int[] {1});
        assertBad(file(), "token_type has 1 elements, tokenizer.ggml.tokens has 4");
        metadata.put("tokenizer.ggml.model", "bert");
        assertBad(file(), "tokenizer.ggml.model is \"bert\"");
        metadata.remove("tokenizer.ggml.model");
        assertBad(file(), "has no key tokenizer.ggml.model");
    }
}
