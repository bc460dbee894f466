package org.align4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.align4j.AlignException;
import org.align4j.config.Setting;

/**
 * Recipes and options written for TRL, the alignment-handbook and open-instruct, as settings of ours: {@link ForeignKeys} are
 * renamed, take effect as what they mean here, or are named once as being without effect; what would change the result is an
 * error, and what is left is one like any unknown key.
 */
final class RecipeKeys {
    private static final Pattern ON_HUB = Pattern.compile("[\\w.-]+/[\\w.-]+");
    private static final Pattern FILE = Pattern.compile(".*\\.(jsonl?|csv|tsv|parquet|gz|zst|gguf)");

    private final Set<String> keys;
    private final Map<String, Setting> settings = new LinkedHashMap<>();
    private final Map<String, Setting> derived = new LinkedHashMap<>();
    private final List<String> unused = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private RecipeKeys(Set<String> keys) {
        this.keys = keys;
    }

    /**
     * @param contents what a file or options say; a null of the file is an empty value
     * @param keys of the command
     * @param dataGiven whether an option says which data to take
     * @param message hears which keys have no effect, or another than elsewhere
     * @return keys of the command, and the two that make {@link #batch}
     */
    static Map<String, Setting> translate(
            YamlConfig.Contents contents, Set<String> keys, boolean dataGiven, Consumer<String> message) {
        Map<String, Setting> recipe = contents.settings();
        RecipeKeys translation = new RecipeKeys(keys);
        recipe.forEach((key, setting) -> translation.take(key, setting, dataGiven, recipe));
        if (!dataGiven && keys.contains("data")) {
            translation.takeData(contents);
        }
        if (!translation.unused.isEmpty()) {
            message.accept("without effect here: " + String.join(", ", translation.unused));
        }
        translation.notes.forEach(message);
        translation.settings.putAll(translation.derived);
        return translation.settings;
    }

    private void take(String key, Setting given, boolean dataGiven, Map<String, Setting> recipe) {
        String value = given.value().isEmpty() ? ForeignKeys.NULLS.getOrDefault(key, "") : given.value();
        String lower = value.toLowerCase(Locale.ROOT);
        boolean ours = keys.contains(key);
        String[] meaning = ForeignKeys.VALUES.getOrDefault(key, Map.of()).get(lower);
        if (meaning != null && keys.contains(meaning[0])) {
            derived.put(meaning[0], new Setting(meaning[1], given.origin()));
        } else if (!ours && ForeignKeys.WITHOUT_EFFECT.contains(key)) {
            unused.add(key);
        } else if (!ours && RecipeData.KEYS.contains(key) && dataGiven) {
            unused.add(key);
        } else if (!ours && RecipeData.KEYS.contains(key) && keys.contains("data")) {
            return; // all of them together: takeData
        } else if (value.isEmpty()) {
            return; // null is as if it were not there
        } else if (!ours && ForeignKeys.CUT_OTHERWISE.containsKey(key)) {
            notes.add(key + " " + value + " is of older TRL: here, as in newer, " + ForeignKeys.CUT_OTHERWISE.get(key));
        } else if (!ours && ForeignKeys.ONLY.containsKey(key)) {
            boolean revisionOfHub = key.equals("model_revision")
                    && recipe.containsKey("model_name_or_path")
                    && isOnHub(recipe.get("model_name_or_path").value());
            if (!revisionOfHub && !ForeignKeys.ONLY.get(key).contains(lower)) {
                throw AlignException.usage("%s: %s is \"%s\", which is not done here; expected %s, or leave it out"
                        .formatted(given.origin(), key, value, String.join(", ", ForeignKeys.ONLY.get(key))));
            }
            unused.add(key);
        } else if (key.equals("warmup_steps") && value.matches("0?\\.\\d+")) { // newer transformers: a share
            put("warmup_ratio", new Setting(value, given.origin()));
            put("warmup_steps", new Setting("0", given.origin())); // not those of a file
        } else {
            String name = ours ? key : ForeignKeys.RENAMED.getOrDefault(key, key);
            put(name, new Setting(name.equals(key) ? value : orOnHub(key, value, recipe), given.origin()));
        }
    }

    private void takeData(YamlConfig.Contents contents) {
        RecipeData.of(contents, settings.get("data")).forEach((key, setting) -> {
            if (settings.put(key, setting) != null && !key.equals("data")) {
                throw AlignException.usage(setting.origin() + ": " + key + " is given, too; leave one out");
            }
        });
    }

    private void put(String name, Setting setting) {
        if (settings.put(name, setting) != null) {
            throw AlignException.usage(setting.origin() + ": " + name + " is given twice; leave one out");
        }
    }

    private static String orOnHub(String key, String value, Map<String, Setting> recipe) {
        boolean model = key.equals("model_name_or_path");
        if (!model && !key.equals("dataset_name")) {
            return value;
        }
        Setting revision = model ? recipe.get("model_revision") : null;
        boolean named = revision != null && !revision.value().isEmpty() && isOnHub(value);
        return orOnHub(value) + (named ? "@" + revision.value() : "");
    }

    /** TRL takes a name for one on the hub where there is no such path. */
    static String orOnHub(String name) {
        return isOnHub(name) ? "hub:" + name : name;
    }

    private static boolean isOnHub(String value) {
        return ON_HUB.matcher(value).matches() && !FILE.matcher(value).matches() && !Files.exists(Path.of(value));
    }

    /** Options win over a file, the size of a step and what is evaluated on in whichever words they are given. */
    static void override(Map<String, Setting> settings, Map<String, Setting> options) {
        if (options.containsKey("train_batch_size")) {
            settings.remove(ForeignKeys.ROWS);
            settings.remove(ForeignKeys.ADDED);
        } else if (options.containsKey(ForeignKeys.ROWS) || options.containsKey(ForeignKeys.ADDED)) {
            settings.remove("train_batch_size");
        }
        if (options.containsKey("eval_split")) {
            settings.remove("eval_data");
        } else if (options.containsKey("eval_data")) {
            settings.remove("eval_split");
        }
        settings.putAll(options);
    }

    /** Rows of a step: those of a device times the steps that are added up. Devices are not counted: there is one. */
    static void batch(Map<String, Setting> settings) {
        Setting perDevice = settings.remove(ForeignKeys.ROWS);
        Setting steps = settings.remove(ForeignKeys.ADDED);
        if (perDevice == null && steps == null) {
            return;
        }
        Setting either = perDevice == null ? steps : perDevice;
        if (settings.containsKey("train_batch_size")) {
            throw AlignException.usage(either.origin() + ": train_batch_size is given, too; leave one out");
        }
        int rows = perDevice == null ? 8 : whole(perDevice, ForeignKeys.ROWS);
        int added = steps == null ? 1 : whole(steps, ForeignKeys.ADDED);
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
