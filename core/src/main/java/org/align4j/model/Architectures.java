package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The supported architectures by the name that Hugging Face's config.json gives them. */
public final class Architectures {
    private static final Map<String, Function<HfConfig, Architecture>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("LlamaForCausalLM", Llama::llama);
        BY_NAME.put("MistralForCausalLM", Llama::mistral);
        BY_NAME.put("Qwen2ForCausalLM", Llama::qwen2);
        BY_NAME.put("Qwen3ForCausalLM", Llama::qwen3);
        BY_NAME.put("MixtralForCausalLM", Mixtral::parse);
        BY_NAME.put("Phi3ForCausalLM", Phi3::parse);
        BY_NAME.put("Gemma2ForCausalLM", Gemma::gemma2);
        BY_NAME.put("Gemma3ForCausalLM", Gemma::gemma3);
        BY_NAME.put("Olmo2ForCausalLM", Olmo2::parse);
        BY_NAME.put("GPT2LMHeadModel", Gpt2::parse);
        BY_NAME.put("GPTNeoXForCausalLM", GptNeoX::parse);
        BY_NAME.put("GPTJForCausalLM", GptJ::parse);
    }

    private Architectures() {}

    /** Reads a config, refusing architectures that are not supported by name. */
    public static Architecture parse(HfConfig config) {
        Optional<String[]> names = config.getStrings("architectures");
        if (names.isEmpty() || names.get().length == 0) {
            throw config.invalid("no \"architectures\", expected one of " + supported());
        }
        String name = names.get()[0];
        Function<HfConfig, Architecture> parser = BY_NAME.get(name);
        if (parser == null) {
            throw config.unsupported("architectures", name, supported());
        }
        return parser.apply(config);
    }

    private static final String CLASSIFIER = "ForSequenceClassification";

    /** Whether a config is that of a reward model. */
    public static boolean isScoring(HfConfig config) {
        return config.getStrings("architectures")
                .filter(names -> names.length > 0 && names[0].endsWith(CLASSIFIER))
                .isPresent();
    }

    /** The reward model of a config: of one already, or of a language model whose head gives way to a score. */
    public static ScoreHead parseScoring(HfConfig config) {
        if (!isScoring(config)) {
            return new ScoreHead(parse(config));
        }
        String name = config.getStrings("architectures").orElseThrow()[0];
        String family = name.substring(0, name.length() - CLASSIFIER.length());
        Function<HfConfig, Architecture> parser =
                BY_NAME.getOrDefault(family + "ForCausalLM", BY_NAME.get(family + "LMHeadModel"));
        if (parser == null) {
            throw config.unsupported("architectures", name, "a reward model of " + supported());
        }
        return new ScoreHead(parser.apply(config));
    }

    /** What a reward model over a language model of this name is called. */
    public static String scoringName(String languageModel) {
        return languageModel.replace("ForCausalLM", CLASSIFIER).replace("LMHeadModel", CLASSIFIER);
    }

    public static String supported() {
        return String.join(", ", BY_NAME.keySet());
    }
}
