package org.align4j.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.align4j.AlignException;
import org.align4j.config.Commas;
import org.align4j.config.Setting;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Which rows a recipe of the alignment-handbook ({@code dataset_mixer}, {@code dataset_mixture}), open-instruct
 * ({@code dataset_mixer}, {@code dataset_mixer_list}) or TRL ({@code datasets}, {@code dataset_name}) takes, as
 * {@code data}, {@code data_weights}, {@code eval_data} and {@code eval_split}. Names are paths or {@code hub:owner/name}. A
 * split and a configuration of a dataset become the pattern of the files that hold them, {@code NAME/CONFIG/SPLIT-*}.
 */
final class RecipeData {
    private static final List<String> MIXTURES =
            List.of("dataset_mixer", "dataset_mixer_list", "dataset_mixture", "datasets");
    /** All keys that are read here. */
    static final Set<String> KEYS = Set.of(
            "dataset_mixer",
            "dataset_mixer_list",
            "dataset_mixer_list_splits",
            "dataset_mixture",
            "datasets",
            "dataset_splits",
            "dataset_config",
            "dataset_train_split",
            "dataset_test_split",
            "test_split_size");

    private final YamlConfig.Contents recipe;
    private final Map<String, Setting> result = new LinkedHashMap<>();
    private final List<String> sources = new ArrayList<>();
    private final List<String> weights = new ArrayList<>();
    private final List<String> evalSources = new ArrayList<>();

    private RecipeData(YamlConfig.Contents recipe) {
        this.recipe = recipe;
    }

    /** @param named what the recipe calls its data, if that is a single value; else null */
    static Map<String, Setting> of(YamlConfig.Contents recipe, Setting named) {
        Map<String, Setting> given = new LinkedHashMap<>(recipe.settings());
        given.entrySet()
                .removeIf(entry -> entry.getValue().value().isEmpty()
                        && !recipe.nested().containsKey(entry.getKey())); // null is as if it were not there
        RecipeData data = new RecipeData(new YamlConfig.Contents(given, recipe.nested()));
        if (given.keySet().stream().anyMatch(KEYS::contains)) {
            data.read(named);
        }
        return data.result;
    }

    private void read(Setting named) {
        List<String> mixtures =
                MIXTURES.stream().filter(recipe.settings()::containsKey).toList();
        if (mixtures.size() + (named == null ? 0 : 1) != 1) {
            String key = recipe.settings().keySet().stream()
                    .filter(KEYS::contains)
                    .findFirst()
                    .orElseThrow();
            throw wrong(
                    key,
                    mixtures.isEmpty()
                            ? "chooses from data that are not named; name the rows to train on with --data"
                            : "is not all that names data; leave the others out");
        }
        if (named != null) {
            for (String name : Commas.split(named.value())) {
                add(name, text("dataset_config"), text("dataset_train_split"), "1");
                if (!text("dataset_test_split").isEmpty()) {
                    evalSources.add(source(name, text("dataset_config"), text("dataset_test_split")));
                }
            }
            result.put("data", new Setting(String.join(",", sources), named.origin()));
        } else {
            String key = mixtures.get(0);
            switch (key) {
                case "dataset_mixer" ->
                    mapping(key, recipe.nested().get(key))
                            .forEach((name, weight) -> split(name, single(key, weight), text("dataset_splits")));
                case "dataset_mixer_list" -> pairs(key);
                case "dataset_mixture" -> mixture(key);
                default -> datasets(key, recipe.nested().get(key));
            }
            put("data", sources, key);
            if (weights.stream().anyMatch(weight -> !weight.equals("1"))) {
                put("data_weights", weights, key);
            }
        }
        if (!evalSources.isEmpty()) {
            put("eval_data", evalSources, named == null ? mixtures.get(0) : "dataset_test_split");
        }
        if (recipe.settings().containsKey("test_split_size")) {
            result.put("eval_split", recipe.settings().get("test_split_size"));
        }
    }

    private void put(String key, List<String> values, String origin) {
        result.put(
                key,
                new Setting(
                        String.join(",", values), recipe.settings().get(origin).origin()));
    }

    private String text(String key) {
        return recipe.settings().getOrDefault(key, new Setting("", "")).value();
    }

    /** Those splits of a dataset that say test are to evaluate on, as in the alignment-handbook. */
    private void split(String name, String weight, String splits) {
        for (String split : Commas.split(splits)) {
            if (split.contains("test")) {
                evalSources.add(source(name, "", split));
            } else {
                add(name, "", split, weight);
            }
        }
    }

    /** Names and weights by turns, in a list or with spaces between. */
    private void pairs(String key) {
        List<String> words = List.of(text(key).strip().split("[\\s,]+"));
        if (words.size() % 2 != 0) {
            throw wrong(key, "has " + words.size() + " entries, expected a weight after each name; add it");
        }
        for (int i = 0; i < words.size(); i += 2) {
            for (String split : Commas.split(text("dataset_mixer_list_splits"))) {
                add(words.get(i), "", split, words.get(i + 1));
            }
        }
    }

    private void mixture(String key) {
        mapping(key, recipe.nested().get(key)).forEach((part, value) -> {
            if (value.getTag().equals(Tag.NULL)) {
                return;
            }
            switch (part) {
                case "datasets" -> datasets(key, value);
                case "test_split_size" ->
                    result.put(
                            "eval_split",
                            new Setting(
                                    single(key, value),
                                    recipe.settings().get(key).origin()));
                case "seed", "streaming" -> {} // the run has one seed, and always streams
                default -> throw wrong(key, "has the key " + part + ", which is not read here; leave it out");
            }
        });
    }

    private void datasets(String key, Node list) {
        if (!(list instanceof SequenceNode sequence)) {
            throw wrong(key, "is no list of datasets; write one");
        }
        for (Node each : sequence.getValue()) {
            Map<String, String> dataset = new LinkedHashMap<>();
            mapping(key, each).forEach((part, value) -> {
                if (value.getTag().equals(Tag.NULL)) {
                    return;
                }
                switch (part) {
                    case "id", "path" -> dataset.put("path", single(key, value));
                    case "config", "name" -> dataset.put("config", single(key, value));
                    case "split", "weight", "data_files" -> dataset.put(part, single(key, value));
                    case "columns" -> {} // what is not known is not read anyway
                    default -> throw wrong(key, "has the key " + part + ", which is not read here; leave it out");
                }
            });
            String weight = dataset.getOrDefault("weight", "1");
            if (dataset.containsKey("data_files")) {
                add(dataset.get("data_files"), "", "", weight); // its path is a file format
            } else if (dataset.containsKey("path")) {
                add(dataset.get("path"), dataset.getOrDefault("config", ""), dataset.getOrDefault("split", ""), weight);
            } else {
                throw wrong(key, "has a dataset without id, path or data_files; name it");
            }
        }
    }

    private void add(String name, String config, String split, String weight) {
        sources.add(source(name, config, split));
        // Peers take 1.0 and 0.5 for shares, 1000 for a number of rows.
        weights.add(
                weight.matches("0*1(\\.0*)?")
                        ? "1"
                        : weight.matches("\\d+") && !weight.matches("0*") ? weight + "rows" : weight);
    }

    private static String source(String path, String config, String split) {
        String name = RecipeKeys.orOnHub(path);
        String folder = config.isEmpty() || config.equals("default") ? "" : "/" + config;
        if (split.isEmpty() || split.equals("train") && folder.isEmpty()) {
            return name + folder;
        }
        return name + (folder.isEmpty() ? "/**" : folder) + "/" + split + "-*";
    }

    private Map<String, Node> mapping(String key, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(key, "expected names with values, such as rows.jsonl: 1.0");
        }
        Map<String, Node> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            entries.put(single(key, tuple.getKeyNode()), tuple.getValueNode());
        }
        return entries;
    }

    /** A value, or several with commas. */
    private String single(String key, Node node) {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        if (node instanceof SequenceNode list && list.getValue().stream().allMatch(ScalarNode.class::isInstance)) {
            return list.getValue().stream()
                    .map(each -> ((ScalarNode) each).getValue())
                    .collect(Collectors.joining(","));
        }
        throw wrong(key, "has nested values where one is expected");
    }

    private AlignException wrong(String key, String what) {
        return AlignException.usage(recipe.settings().get(key).origin() + ": " + key + " " + what);
    }
}
