package org.align4j.gguf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The model families that both sides know: how llama.cpp calls them and their tensors, and how Hugging Face does. Source:
 * {@code constants.py} and {@code tensor_mapping.py} of llama.cpp's {@code gguf-py}, and {@code convert_hf_to_gguf.py}.
 */
public enum GgufFamily {
    /** Llama 1 to 3, SmolLM2, Mistral. llama.cpp turns neighbouring rows of queries and keys, Hugging Face those half a head apart. */
    LLAMA("llama", "LlamaForCausalLM", "llama"),
    QWEN2("qwen2", "Qwen2ForCausalLM", "qwen2"),
    QWEN3("qwen3", "Qwen3ForCausalLM", "qwen3"),
    /** Norms are gains around 1 at Hugging Face and around 0 + 1 at llama.cpp. */
    GEMMA2("gemma2", "Gemma2ForCausalLM", "gemma2"),
    GEMMA3("gemma3", "Gemma3ForCausalLM", "gemma3_text");

    /** Mistral without its window is a Llama, and llama.cpp calls it one. */
    public static final String MISTRAL = "MistralForCausalLM";

    /** The tensor of what rotary frequencies are divided by. */
    public static final String ROPE_DIVISORS = RopeFactors.TENSOR;

    private static final String BLOCK = "blk.";
    private static final String LAYER = "model.layers.";

    private final String architecture;
    private final String className;
    private final String modelType;

    GgufFamily(String architecture, String className, String modelType) {
        this.architecture = architecture;
        this.className = className;
        this.modelType = modelType;
    }

    /** By {@code general.architecture}. */
    static Optional<GgufFamily> ofArchitecture(String name) {
        for (GgufFamily family : values()) {
            if (family.architecture.equals(name)) {
                return Optional.of(family);
            }
        }
        return Optional.empty();
    }

    /** By the first of config.json's {@code architectures}. */
    public static Optional<GgufFamily> ofClass(String name) {
        for (GgufFamily family : values()) {
            if (family.className.equals(name) || family == LLAMA && MISTRAL.equals(name)) {
                return Optional.of(family);
            }
        }
        return Optional.empty();
    }

    /** What files may say under {@code general.architecture}. */
    static String architectures() {
        List<String> names = new ArrayList<>();
        for (GgufFamily family : values()) {
            names.add(family.architecture);
        }
        return String.join(", ", names);
    }

    /** What config.json may say under {@code architectures}. */
    public static String classes() {
        List<String> names = new ArrayList<>(List.of(MISTRAL));
        for (GgufFamily family : values()) {
            names.add(family.className);
        }
        return String.join(", ", names);
    }

    /** llama.cpp's name, with which the family's keys begin. */
    public String architecture() {
        return architecture;
    }

    String className() {
        return className;
    }

    String modelType() {
        return modelType;
    }

    boolean isGemma() {
        return this == GEMMA2 || this == GEMMA3;
    }

    /** Hugging Face's name of a tensor; nothing for what its models do not have. */
    public Optional<String> hfName(String gguf) {
        return renamed(gguf, BLOCK, LAYER, outside(), inside());
    }

    /** llama.cpp's name of a tensor. */
    public Optional<String> ggufName(String hf) {
        return renamed(hf, LAYER, BLOCK, inverse(outside()), inverse(inside()));
    }

    /** Whether the rows of a head lie in pairs (0, h/2), (1, h/2 + 1), … in the file and in halves at Hugging Face. */
    public boolean pairsRows(String hf) {
        return this == LLAMA && (hf.contains(".self_attn.q_proj.") || hf.contains(".self_attn.k_proj."));
    }

    /** What a file's values have more than Hugging Face's. */
    public float shift(String hf) {
        return isGemma() && hf.endsWith("norm.weight") ? 1 : 0;
    }

    private static Optional<String> renamed(
            String name, String from, String to, Map<String, String> outside, Map<String, String> inside) {
        int dot = name.lastIndexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        String kind = name.substring(dot);
        if (!name.startsWith(from)) {
            return Optional.ofNullable(outside.get(name.substring(0, dot))).map(other -> other + kind);
        }
        int end = name.indexOf('.', from.length());
        if (end >= dot) {
            return Optional.empty();
        }
        String layer = name.substring(from.length(), end);
        return Optional.ofNullable(inside.get(name.substring(end + 1, dot)))
                .map(other -> to + layer + "." + other + kind);
    }

    private static Map<String, String> outside() {
        return Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head");
    }

    private Map<String, String> inside() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("attn_norm", "input_layernorm");
        names.put("attn_q", "self_attn.q_proj");
        names.put("attn_k", "self_attn.k_proj");
        names.put("attn_v", "self_attn.v_proj");
        names.put("attn_output", "self_attn.o_proj");
        names.put("attn_q_norm", "self_attn.q_norm");
        names.put("attn_k_norm", "self_attn.k_norm");
        names.put("ffn_gate", "mlp.gate_proj");
        names.put("ffn_up", "mlp.up_proj");
        names.put("ffn_down", "mlp.down_proj");
        if (isGemma()) {
            names.put("post_attention_norm", "post_attention_layernorm");
            names.put("ffn_norm", "pre_feedforward_layernorm");
            names.put("post_ffw_norm", "post_feedforward_layernorm");
        } else {
            names.put("ffn_norm", "post_attention_layernorm");
        }
        return names;
    }

    private static Map<String, String> inverse(Map<String, String> names) {
        Map<String, String> inverse = new LinkedHashMap<>();
        names.forEach((key, value) -> inverse.put(value, key));
        return inverse;
    }
}
