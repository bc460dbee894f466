package org.align4j.hub;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.align4j.AlignException;

/**
 * Which files of a dataset's repository are meant: those that are named, or those of the one table whose name says that it
 * is the wanted split. The shards {@code data/train-00000-of-00004.parquet} … are one table.
 */
final class DatasetFiles {
    /** As {@code data} reads them, by the ending before that of a compression. */
    private static final Pattern READABLE =
            Pattern.compile("(?i).*\\.(jsonl|ndjson|json|csv|tsv|parquet)(\\.(gz|zst))?");

    private static final Set<String> NOT_ROWS =
            Set.of("dataset_info.json", "dataset_infos.json", "state.json", "dataset_dict.json", "config.json");

    private static final Pattern SHARD = Pattern.compile("(.*?)-(\\d{5})-of-(\\d{5})(?:-[0-9a-f]{16})?(\\..*)");

    private final HubName name;
    private final String holder;
    private final List<String> all = new ArrayList<>();

    /**
     * What was chosen.
     *
     * @param files to have
     * @param path that means exactly these of the repository: one of them, or a pattern
     */
    record Choice(List<String> files, String path) {}

    /** @param holder of the files, for messages: the dataset, or what the cache has of it */
    DatasetFiles(HubName name, List<String> files, String holder) {
        this.name = name;
        this.holder = holder;
        for (String file : files) {
            String last = file.substring(file.lastIndexOf('/') + 1);
            boolean hidden = file.startsWith(".") || file.contains("/.");
            if (READABLE.matcher(last).matches() && !NOT_ROWS.contains(last) && !hidden) {
                all.add(file);
            }
        }
    }

    /** @throws AlignException listing what there is, if there is none or more than one that could be meant */
    Choice choose(Split split) {
        String path = name.path();
        if (all.contains(path)) {
            return new Choice(List.of(path), path);
        }
        if (path.matches(".*[*?\\[{].*")) {
            return matching(path);
        }
        Map<String, List<String>> tables = tables(path.isEmpty() ? "" : path + "/");
        if (tables.isEmpty()) {
            throw AlignException.usage(name + ": "
                    + (path.isEmpty() ? holder : "no such file or folder of data, " + holder)
                    + " holds " + RepoPaths.list(all) + "; expected JSONL, JSON, CSV, TSV or Parquet"
                    + (path.isEmpty() ? "; try @refs/convert/parquet, or check the name" : "; check the path"));
        }
        List<String> wanted = new ArrayList<>();
        List<String> unnamed = new ArrayList<>(); // say nothing of a split
        for (String table : tables.keySet()) {
            if (says(table, split.words)) {
                wanted.add(table);
            } else if (!says(table, Split.TRAIN.words) && !says(table, Split.EVAL.words)) {
                unnamed.add(table);
            }
        }
        if (split == Split.ANY) {
            wanted = List.copyOf(tables.keySet());
        } else if (wanted.isEmpty() && split == Split.TRAIN && tables.size() == 1) {
            wanted = unnamed;
        }
        if (wanted.size() != 1) {
            throw unclear(split, wanted, tables);
        }
        List<String> files = tables.get(wanted.get(0));
        checkShards(files);
        return new Choice(files, files.size() == 1 ? files.get(0) : wanted.get(0));
    }

    private Choice matching(String pattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        List<String> found = new ArrayList<>();
        for (String file : all) {
            if (matcher.matches(Path.of(file))) {
                found.add(file);
            }
        }
        if (found.isEmpty()) {
            throw AlignException.usage(name + ": no data file matches, " + holder + " holds " + RepoPaths.list(all)
                    + "; check the pattern");
        }
        checkShards(found);
        return new Choice(found, found.size() == 1 ? found.get(0) : pattern);
    }

    /** Data files below a folder by table: the name of a single file, or the pattern of its shards. */
    private Map<String, List<String>> tables(String folder) {
        Map<String, List<String>> tables = new TreeMap<>();
        for (String file : all) {
            if (file.startsWith(folder)) {
                tables.computeIfAbsent(table(file), key -> new ArrayList<>()).add(file);
            }
        }
        return tables;
    }

    private static String table(String file) {
        Matcher shard = SHARD.matcher(file);
        return shard.matches() ? shard.group(1) + "-?????-of-" + shard.group(3) + "*" + shard.group(4) : file;
    }

    /** Whether one of the words stands alone in the name, as in {@code data/train_prefs-*}, not as in trainer.json. */
    private static boolean says(String table, List<String> words) {
        for (String word : table.toLowerCase(Locale.ROOT).split("[^a-z]+")) {
            if (words.contains(word)) {
                return true;
            }
        }
        return false;
    }

    private AlignException unclear(Split split, List<String> wanted, Map<String, List<String>> tables) {
        String found = wanted.isEmpty()
                ? holder + " holds " + RepoPaths.list(tables.keySet()) + ", of which none says that it is for "
                        + split.shown
                : wanted.size() + " tables could be meant: " + RepoPaths.list(wanted);
        String example = wanted.isEmpty() ? tables.keySet().iterator().next() : wanted.get(0);
        return AlignException.usage(name + ": " + found + "; name one, such as '" + name.withPath(example) + "'");
    }

    /** A part of a table, as an interrupted download leaves it, is not taken for the whole. */
    private void checkShards(List<String> files) {
        Map<String, Integer> counts = new TreeMap<>();
        for (String file : files) {
            counts.merge(table(file), 1, Integer::sum);
        }
        if (name.path().matches(".*\\d{5}-of-\\d{5}.*")) {
            return; // single shards are asked for
        }
        for (String file : files) {
            Matcher shard = SHARD.matcher(file);
            if (shard.matches() && counts.get(table(file)) != Integer.parseInt(shard.group(3))) {
                throw AlignException.badInput(name + ": of " + table(file) + " only " + counts.get(table(file))
                        + " files are there; download the others, or name single ones");
            }
        }
    }
}
