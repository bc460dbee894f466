package org.align4j.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.align4j.model.Architecture;
import org.align4j.model.HfConfig;
import org.align4j.model.LoraLayers;
import org.align4j.model.LoraSettings;
import org.align4j.model.ScoreHead;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** PEFT's {@code adapter_config.json}: what of it is plain LoRA. Any other option that is switched on is refused by name. */
final class AdapterConfig {
    static final String FILE = "adapter_config.json";

    /** Keys that are read here, and keys that say nothing about what an adapter computes. */
    private static final Set<String> KNOWN = Set.of(
            "peft_type",
            "r",
            "lora_alpha",
            "lora_dropout",
            "use_rslora",
            "target_modules",
            "bias",
            "init_lora_weights",
            "base_model_name_or_path",
            "fan_in_fan_out", // PEFT itself corrects it by the layer
            "task_type",
            "auto_mapping",
            "inference_mode",
            "peft_version",
            "revision",
            "megatron_core",
            "qalora_group_size",
            "runtime_config");

    private static final String HEADS = "modules_to_save";
    private static final List<String> HEAD_NAMES = List.of("classifier", "score");

    private AdapterConfig() {}

    /** @param where the file's name for messages */
    static LoraSettings read(ObjectNode json, String where, Architecture architecture) {
        HfConfig config = new HfConfig(json, where);
        String type = config.getString("peft_type", "LORA");
        if (!type.equals("LORA")) {
            throw config.unsupported("peft_type", type, "LORA");
        }
        String bias = config.getString("bias", "none");
        if (!bias.equals("none")) {
            throw config.unsupported("bias", bias, "none");
        }
        JsonNode init = json.path("init_lora_weights");
        // Other ways to begin (PiSSA, OLoRA, LoftQ) also change the base, which would have to be done again here.
        boolean leavesBase = init.isMissingNode()
                || init.isNull()
                || init.isBoolean()
                || init.isString() && Set.of("gaussian", "orthogonal").contains(init.stringValue());
        if (!leavesBase) {
            throw config.unsupported("init_lora_weights", init, "true, false, gaussian, orthogonal");
        }
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            boolean known = KNOWN.contains(entry.getKey())
                    || entry.getKey().equals(HEADS) && architecture instanceof ScoreHead && isHeads(entry.getValue());
            if (!known && isOn(entry.getValue())) {
                throw config.unsupported(
                        OneLine.text(entry.getKey()),
                        OneLine.text(entry.getValue()),
                        "plain LoRA; merge this adapter into its base with PEFT (merge_and_unload) and use the result");
            }
        }
        double dropout = config.getDouble("lora_dropout", 0);
        if (!(dropout >= 0 && dropout < 1)) {
            throw config.invalid("\"lora_dropout\" is " + dropout + ", expected 0 or more, below 1");
        }
        return new LoraSettings(
                config.getInt("r", 8),
                config.getDouble("lora_alpha", 8),
                dropout,
                config.getBoolean("use_rslora", false),
                targets(config, json.get("target_modules"), architecture),
                architecture instanceof ScoreHead scoring && savesHead(json, scoring));
    }

    /** Whether nothing but heads of classifiers are kept whole. PEFT names all that it knows, whatever the model has. */
    private static boolean isHeads(JsonNode value) {
        return value.isArray() && value.valueStream().allMatch(name -> HEAD_NAMES.contains(name.asString("")));
    }

    private static boolean savesHead(ObjectNode json, ScoreHead architecture) {
        return json.path(HEADS).valueStream().anyMatch(name -> name.asString("").equals(architecture.module()));
    }

    /** What the adapter is for: sequence classification unless it says tokens. */
    static ScoreHead.Kind kind(ObjectNode json) {
        return json.path("task_type").asString("").equals("TOKEN_CLS") ? ScoreHead.Kind.TOKEN : ScoreHead.Kind.SEQUENCE;
    }

    private static boolean isOn(JsonNode value) {
        boolean off =
                value.isNull() || value.isBoolean() && !value.booleanValue() || value.isContainer() && value.isEmpty();
        return !off;
    }

    /** A list of names; or one text, which is all-linear or a regular expression over full names. */
    private static List<String> targets(HfConfig config, JsonNode value, Architecture architecture) {
        if (value == null || value.isNull()) {
            return architecture.loraTargets();
        }
        List<String> targets;
        if (value.isString() && value.stringValue().equals("all-linear")) {
            targets = LoraLayers.kinds(architecture);
        } else if (value.isString()) {
            targets = matching(config, value.stringValue(), architecture);
        } else {
            targets = List.of(config.getStrings("target_modules").orElseThrow());
        }
        boolean any = targets.stream()
                .anyMatch(target -> !LoraLayers.matching(architecture, target).isEmpty());
        if (!any) {
            throw config.invalid("\"target_modules\" is " + OneLine.text(value)
                    + ", which names no layer of the model; it has " + OneLine.names(LoraLayers.kinds(architecture))
                    + "; take the base model that the adapter was trained on");
        }
        return targets;
    }

    private static List<String> matching(HfConfig config, String expression, Architecture architecture) {
        List<String> found = new ArrayList<>();
        try {
            Pattern pattern = Pattern.compile(expression);
            for (String name : LoraLayers.names(architecture)) {
                if (pattern.matcher(name).matches()) {
                    found.add(name);
                }
            }
            return found;
        } catch (PatternSyntaxException e) {
            throw config.invalid("\"target_modules\" is " + OneLine.text(expression)
                    + ", which is no regular expression; expected one, all-linear, or a list of names");
        }
    }

    /** What PEFT needs to read an adapter; the rest is its default. */
    static ObjectNode write(Architecture architecture, LoraSettings settings, String baseName) {
        ObjectNode json = JsonFiles.newObject();
        json.put("peft_type", "LORA");
        json.put("task_type", taskType(architecture));
        json.put("base_model_name_or_path", baseName);
        json.put("inference_mode", true);
        json.put("r", settings.rank());
        if (settings.alpha() == Math.rint(settings.alpha())) {
            json.put("lora_alpha", (long) settings.alpha());
        } else {
            json.put("lora_alpha", settings.alpha());
        }
        json.put("lora_dropout", settings.dropout());
        json.put("use_rslora", settings.rankStabilized());
        ArrayNode targets = json.putArray("target_modules");
        settings.targets().forEach(targets::add);
        json.put("fan_in_fan_out", architecture.inputFirst());
        json.put("bias", "none");
        json.put("init_lora_weights", true);
        json.put("use_dora", false);
        if (settings.head()) {
            ArrayNode heads = json.putArray(HEADS);
            HEAD_NAMES.forEach(heads::add);
        } else {
            json.putNull(HEADS);
        }
        return json;
    }

    private static String taskType(Architecture architecture) {
        if (architecture instanceof ScoreHead scoring) {
            return scoring.shape().kind() == ScoreHead.Kind.TOKEN ? "TOKEN_CLS" : "SEQ_CLS";
        }
        return "CAUSAL_LM";
    }

    /** What the adapter calls its base model: a folder, or a name on a hub; empty if it does not say. */
    static String baseName(ObjectNode json, String where) {
        return new HfConfig(json, where).getString("base_model_name_or_path", "");
    }
}
