package org.align4j.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.align4j.config.Setting;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs of DPO for tests. */
final class Runs {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Runs() {}

    /** Settings as key, value, key, value … over a folder that holds the output and the cache. */
    static DpoConfig config(Path folder, Object... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        settings.put("output", new Setting(folder.resolve("out").toString(), "test"));
        settings.put("cache_dir", new Setting(folder.resolve("cache").toString(), "test"));
        settings.put("dtype", new Setting("float32", "test"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put(keysAndValues[i].toString(), new Setting(keysAndValues[i + 1].toString(), "test"));
        }
        return DpoConfig.SCHEMA.read(settings);
    }

    /** Hears everything and asks to stop when told to. */
    static final class Listener implements RunListener {
        final List<String> messages = new ArrayList<>();
        private final IntPredicate stopAfter;
        private int step;

        Listener(IntPredicate stopAfter) {
            this.stopAfter = stopAfter;
        }

        @Override
        public void message(String line) {
            messages.add(line);
        }

        @Override
        public void preparing(String what, int done, int total) {}

        @Override
        public void step(int step, int totalSteps, Map<String, Object> metrics) {
            this.step = step;
        }

        @Override
        public boolean stopRequested() {
            return stopAfter.test(step);
        }
    }

    static Listener listener() {
        return new Listener(step -> false);
    }

    /** What a run wrote to metrics.jsonl. */
    static List<JsonNode> metrics(DpoConfig config) {
        return metrics(config.training().output());
    }

    /** The same by output folder. */
    static List<JsonNode> metrics(Path output) {
        List<JsonNode> rows = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
                rows.add(MAPPER.readTree(line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }
}
