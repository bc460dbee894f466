package org.align4j.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    private static final Set<String> NO_TOKEN_CLASSIFIER =
            Set.of("Gemma3ForCausalLM", "Olmo2ForCausalLM", "GPTJForCausalLM");

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

    /** What a config's class ends with if it is that of a classifier. */
    private static final Map<ScoreHead.Kind, String> CLASSIFIERS = Map.of(
            ScoreHead.Kind.SEQUENCE, "ForSequenceClassification", ScoreHead.Kind.TOKEN, "ForTokenClassification");

    /** Which kind of reward model a config is, if it is one. */
    public static Optional<ScoreHead.Kind> scoringKind(HfConfig config) {
        String name = config.getStrings("architectures")
                .filter(names -> names.length > 0)
                .map(names -> names[0])
                .orElse("");
        return CLASSIFIERS.keySet().stream()
                .filter(kind -> name.endsWith(CLASSIFIERS.get(kind)))
                .findAny();
    }

    /**
     * The reward model of a config: of one already, or of a language model whose head gives way to another.
     *
     * @param fresh what a language model gets; what is a reward model already keeps its own
     */
    public static ScoreHead parseScoring(HfConfig config, ScoreHead.Shape fresh) {
        Optional<ScoreHead.Kind> kind = scoringKind(config);
        if (kind.isEmpty()) {
            return scoring(config, parse(config), fresh);
        }
        String name = config.getStrings("architectures").orElseThrow()[0];
        String family =
                name.substring(0, name.length() - CLASSIFIERS.get(kind.get()).length());
        Function<HfConfig, Architecture> parser = BY_NAME.getOrDefault(
                family.replaceAll("Text$", "") + "ForCausalLM", BY_NAME.get(family + "LMHeadModel"));
        if (parser == null) {
            throw config.unsupported("architectures", name, "a reward model of " + supported());
        }
        return scoring(config, parser.apply(config), new ScoreHead.Shape(kind.get(), config.labels()));
    }

    private static ScoreHead scoring(HfConfig config, Architecture body, ScoreHead.Shape shape) {
        boolean own = body instanceof Gpt2 || body instanceof GptNeoX;
        return new ScoreHead(body, shape, own && shape.kind() == ScoreHead.Kind.TOKEN ? "classifier" : "score");
    }

    /**
     * What a reward model over a language model of this name is called.
     *
     * @throws org.align4j.AlignException where transformers has no such class
     */
    public static String scoringName(HfConfig config, ScoreHead.Kind kind) {
        String name = config.getStrings("architectures").orElseThrow()[0];
        if (scoringKind(config).isPresent()) {
            return name;
        }
        if (kind == ScoreHead.Kind.TOKEN && NO_TOKEN_CLASSIFIER.contains(name)) {
            throw config.unsupported("architectures", name, "a family that has token classifiers in transformers");
        }
        String family = name.replace("ForCausalLM", "").replace("LMHeadModel", "");
        return (family.equals("Gemma3") ? "Gemma3Text" : family) + CLASSIFIERS.get(kind);
    }

    public static String supported() {
        return String.join(", ", BY_NAME.keySet());
    }
}
