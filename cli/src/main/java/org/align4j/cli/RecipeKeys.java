package org.align4j.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.align4j.AlignException;
import org.align4j.config.Setting;

/**
 * Recipes written for TRL, the alignment-handbook and open-instruct, as settings of ours: keys that go by another name there
 * are renamed, keys that cannot change the result here are named once, and what is left is an error like any unknown key.
 */
final class RecipeKeys {
    private static final Map<String, String> RENAMED = Map.ofEntries(
            Map.entry("model_name_or_path", "model"),
            Map.entry("output_dir", "output"),
            Map.entry("dataset_name", "data"),
            Map.entry("max_seq_length", "max_length"),
            Map.entry("num_epochs", "num_train_epochs"),
            Map.entry("use_lora", "use_peft"),
            Map.entry("checkpointing_steps", "save_steps"),
            Map.entry("keep_last_n_checkpoints", "save_total_limit"));

    /** How it is logged, stored or spread over devices; and max_prompt_length, which newer TRL does not have either. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "attn_implementation",
            "bf16",
            "dataset_num_proc",
            "do_eval",
            "eval_strategy",
            "gradient_checkpointing",
            "gradient_checkpointing_kwargs",
            "log_level",
            "logging_steps",
            "logging_strategy",
            "max_prompt_length",
            "overwrite_output_dir",
            "per_device_eval_batch_size",
            "preprocessing_num_workers",
            "push_to_hub",
            "remove_unused_columns",
            "report_to",
            "save_strategy",
            "streaming",
            "tokenizer_name",
            "torch_dtype",
            "use_slow_tokenizer",
            "with_tracking");

    private RecipeKeys() {}

    /** Our name for an option, if it is another's. */
    static String renamed(String key) {
        return RENAMED.getOrDefault(key, key);
    }

    /** Whether a key may hold what is no single value: nothing looks at it. */
    static boolean mayBeNested(String key) {
        return RecipeData.KEYS.contains(key) || WITHOUT_EFFECT.contains(key);
    }

    /**
     * @param keys of the command
     * @param dataGiven whether an option says which data to take
     * @param message hears which keys have no effect
     */
    static Map<String, Setting> translate(
            YamlConfig.Contents contents, Set<String> keys, boolean dataGiven, Consumer<String> message) {
        Map<String, Setting> recipe = contents.settings();
        Map<String, Setting> settings = new LinkedHashMap<>();
        List<String> unused = new ArrayList<>();
        recipe.forEach((key, setting) -> {
            String name = keys.contains(key) ? key : renamed(key);
            boolean noEffect = WITHOUT_EFFECT.contains(key)
                    || key.startsWith("hub_")
                    || key.equals("model_revision") && setting.value().equals("main")
                    || key.equals("optim") && setting.value().contains("adamw")
                    || RecipeData.KEYS.contains(key) && dataGiven;
            if (!keys.contains(name) && noEffect) {
                unused.add(key);
            } else if (RecipeData.KEYS.contains(key) && keys.contains("data")) {
                return; // all together below
            } else if (!key.equals("per_device_train_batch_size") && !key.equals("gradient_accumulation_steps")) {
                Setting value = name.equals("loss_type") && setting.value().equals("dpo_norm")
                        ? new Setting("sigmoid_norm", setting.origin())
                        : setting;
                if (settings.put(name, value) != null) {
                    throw AlignException.usage(setting.origin() + ": " + name + " is given twice; leave one out");
                }
            }
        });
        if (!dataGiven && keys.contains("data")) {
            RecipeData.of(contents, settings.get("data")).forEach((key, setting) -> {
                if (settings.put(key, setting) != null && !key.equals("data")) {
                    throw AlignException.usage(setting.origin() + ": " + key + " is given, too; leave one out");
                }
            });
        }
        batch(recipe, settings);
        if (!unused.isEmpty()) {
            message.accept("without effect here: " + String.join(", ", unused));
        }
        return settings;
    }

    /** Rows of a step: those of a device times the steps that are added up. Devices are not counted: there is one. */
    private static void batch(Map<String, Setting> recipe, Map<String, Setting> settings) {
        Setting perDevice = recipe.get("per_device_train_batch_size");
        Setting steps = recipe.get("gradient_accumulation_steps");
        if (perDevice == null && steps == null) {
            return;
        }
        Setting either = perDevice == null ? steps : perDevice;
        if (settings.containsKey("train_batch_size")) {
            throw AlignException.usage(either.origin() + ": train_batch_size is given, too; leave one out");
        }
        int rows = perDevice == null ? 8 : whole(perDevice, "per_device_train_batch_size");
        int added = steps == null ? 1 : whole(steps, "gradient_accumulation_steps");
        settings.put("train_batch_size", new Setting(String.valueOf(Math.multiplyExact(rows, added)), either.origin()));
    }

    private static int whole(Setting setting, String key) {
        try {
            int value = Integer.parseInt(setting.value());
            if (value >= 1) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw AlignException.usage(
                setting.origin() + ": " + key + " is \"" + setting.value() + "\", expected a whole number, 1 or more");
    }
}
