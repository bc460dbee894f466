package org.align4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.align4j.text.ChatOptions;
import org.align4j.text.ChatTemplate;
import org.align4j.text.SharedData;
import org.align4j.text.Tokenizer;
import org.junit.jupiter.api.Test;

/**
 * A real 4-bit file against what another reader of it, in numpy, made of it: the folder that shared/tools/smollm2 writes.
 */
class SmolLm2GgufTest {
    /** SHA-256 of the data of the folder's model.safetensors: everything dequantised, rounded to bf16; tensors by name. */
    private static final String WEIGHTS = "5d9bacfb6e704b2142088ab0e2548bc0de0a6b3a3179fcde6595ff2a6b30c1ec";

    @Test
    void weightsEqualThoseOfAnotherReader() throws Exception {
        try (ModelFolder model = ModelFolder.open(file())) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String name : new TreeSet<>(model.tensors().keySet())) {
                for (ByteBuffer chunk : model.chunks(name)) {
                    float[] values =
                            FloatBytes.decode(chunk, model.tensors().get(name).dtype());
                    digest.update(FloatBytes.encode(values, SafetensorsDtype.BF16));
                }
            }
            assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(WEIGHTS);
        }
    }

    @Test
    void theConfigurationIsThatOfTheFolder() {
        try (ModelFolder model = ModelFolder.open(file())) {
            assertThat(model.config().toString())
                    .isEqualTo("{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llama\",\"hidden_size\":576,"
                            + "\"intermediate_size\":1536,\"num_hidden_layers\":30,\"num_attention_heads\":9,"
                            + "\"num_key_value_heads\":3,\"max_position_embeddings\":8192,\"rms_norm_eps\":1.0E-5,"
                            + "\"tie_word_embeddings\":true,\"vocab_size\":49152,\"bos_token_id\":1,\"eos_token_id\":2,"
                            + "\"pad_token_id\":2,\"rope_theta\":100000.0,\"rope_scaling\":null,\"hidden_act\":\"silu\","
                            + "\"attention_bias\":false,\"mlp_bias\":false}");
            assertThat(model.json("generation_config.json").orElseThrow().toString())
                    .isEqualTo("{\"bos_token_id\":1,\"eos_token_id\":2,\"pad_token_id\":2}");
        }
    }

    /** Ids of the tokenizers library with the folder's tokenizer.json. */
    @Test
    void tokensAndTemplateAreThoseOfTheFolder() {
        try (Tokenizer tokenizer = Tokenizer.load(file())) {
            String text = "<|im_start|>user\nIt's 2024, Zoë's café — 12345 naïve 😀!<|im_end|>";
            assertThat(tokenizer.encode(text))
                    .containsExactly(
                            1, 4093, 198, 1589, 506, 216, 34, 32, 34, 36, 28, 26336, 26547, 506, 37366, 1841, 216, 33,
                            34, 35, 36, 37, 15486, 46494, 40303, 218, 17, 2);
            assertThat(tokenizer.decode(tokenizer.encode(text), false)).isEqualTo(text);
            assertThat(tokenizer.eosId()).isEqualTo(2);
        }
        String rendered = ChatTemplate.load(file())
                .render(
                        List.of(Map.of("role", "user", "content", "Hi")),
                        ChatOptions.defaults().withGenerationPrompt())
                .text();
        assertThat(rendered).isEqualTo("""
                <|im_start|>system
                You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
                <|im_start|>user
                Hi<|im_end|>
                <|im_start|>assistant
                """);
    }

    private static Path file() {
        return SharedData.require("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
    }
}
