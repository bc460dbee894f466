package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.Tensor;
import tools.jackson.databind.json.JsonMapper;

/** Random models of a few thousand weights, one for every kind of block, for tests. */
public final class TinyModels {
    private static final String BODY = "\"vocab_size\":61,\"hidden_size\":32,\"intermediate_size\":48,"
            + "\"num_hidden_layers\":2,\"num_attention_heads\":4,";

    private TinyModels() {}

    /** config.json by a speaking name. */
    public static Map<String, String> configs() {
        Map<String, String> configs = new LinkedHashMap<>();
        configs.put("llama", "{\"architectures\":[\"LlamaForCausalLM\"]," + BODY + "\"num_key_value_heads\":2}");
        configs.put(
                "llama-tied", "{\"architectures\":[\"LlamaForCausalLM\"]," + BODY + "\"tie_word_embeddings\":true}");
        configs.put(
                "mistral-sliding",
                "{\"architectures\":[\"MistralForCausalLM\"]," + BODY
                        + "\"num_key_value_heads\":2,\"sliding_window\":4}");
        configs.put(
                "qwen2-half-sliding",
                "{\"architectures\":[\"Qwen2ForCausalLM\"]," + BODY
                        + "\"use_sliding_window\":true,\"sliding_window\":5,\"max_window_layers\":1}");
        configs.put("qwen3", "{\"architectures\":[\"Qwen3ForCausalLM\"]," + BODY + "\"head_dim\":16}");
        configs.put(
                "gpt2",
                "{\"architectures\":[\"GPT2LMHeadModel\"],\"vocab_size\":61,\"n_embd\":32,\"n_layer\":2,"
                        + "\"n_head\":4,\"n_positions\":512}");
        configs.put("gpt-neox", "{\"architectures\":[\"GPTNeoXForCausalLM\"]," + BODY + "\"rotary_pct\":0.5}");
        configs.put(
                "gpt-neox-sequential",
                "{\"architectures\":[\"GPTNeoXForCausalLM\"]," + BODY + "\"use_parallel_residual\":false}");
        configs.put(
                "llama-yarn",
                "{\"architectures\":[\"LlamaForCausalLM\"]," + BODY + "\"rope_scaling\":{\"type\":\"yarn\","
                        + "\"factor\":4,\"original_max_position_embeddings\":64}}");
        configs.put(
                "gpt-j",
                "{\"architectures\":[\"GPTJForCausalLM\"],\"vocab_size\":61,\"n_embd\":32,\"n_layer\":2,"
                        + "\"n_head\":4,\"rotary_dim\":4}");
        configs.put(
                "phi3-partial-sliding",
                "{\"architectures\":[\"Phi3ForCausalLM\"]," + BODY
                        + "\"num_key_value_heads\":2,\"partial_rotary_factor\":0.5,\"sliding_window\":6}");
        configs.put(
                "gemma2",
                "{\"architectures\":[\"Gemma2ForCausalLM\"]," + BODY + "\"num_key_value_heads\":2,\"head_dim\":16,"
                        + "\"query_pre_attn_scalar\":16,\"attn_logit_softcapping\":5,"
                        + "\"final_logit_softcapping\":8,\"sliding_window\":7}");
        configs.put(
                "gemma3",
                "{\"architectures\":[\"Gemma3ForCausalLM\"]," + BODY + "\"num_key_value_heads\":2,\"head_dim\":16,"
                        + "\"query_pre_attn_scalar\":16,\"sliding_window\":7,\"sliding_window_pattern\":2}");
        configs.put("olmo2", "{\"architectures\":[\"Olmo2ForCausalLM\"]," + BODY + "\"num_key_value_heads\":2}");
        configs.put(
                "mixtral",
                "{\"architectures\":[\"MixtralForCausalLM\"]," + BODY
                        + "\"num_key_value_heads\":2,\"num_local_experts\":4,\"num_experts_per_tok\":2}");
        return configs;
    }

    public static CausalLm of(String name, Dtype dtype, boolean trainable) {
        return ofConfig(configs().get(name), 0.3, dtype, trainable);
    }

    /** A random model of a config.json, whose matrices have this standard deviation. */
    public static CausalLm ofConfig(String json, double deviation, Dtype dtype, boolean trainable) {
        Architecture architecture = Architectures.parse(new HfConfig(new JsonMapper().readTree(json), "config.json"));
        Parameters parameters = Parameters.allocate(architecture.tensors(), dtype, trainable);
        SplittableRandom random = new SplittableRandom(7);
        for (String tensor : parameters.names()) {
            Tensor target = parameters.stored(tensor);
            float[] values = new float[(int) target.count()];
            boolean norm = target.shape().length == 1 && tensor.endsWith("weight");
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * Gaussian.next(random) + (norm ? 1 : 0));
            }
            target.copyInPlace(Tensor.of(values, target.shape()));
        }
        parameters.refresh();
        return new CausalLm(architecture, parameters);
    }
}
