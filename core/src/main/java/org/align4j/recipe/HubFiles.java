package org.align4j.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.align4j.AlignException;
import org.align4j.config.Commas;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.hub.Hub;
import org.align4j.hub.HubEnvironment;
import org.align4j.hub.HubListener;
import org.align4j.hub.HubName;
import org.align4j.hub.ModelPart;
import org.align4j.hub.RepoKind;
import org.align4j.hub.Split;

/** Puts files of the cache in the place of what a configuration names on a hub, downloading what is not there. */
final class HubFiles {
    private HubFiles() {}

    static <T extends Record> T local(ConfigSchema<T> schema, T config, RunListener listener) {
        return local(schema, config, () -> hub(listener));
    }

    /** @param hub asked for at the first name of a hub */
    static <T extends Record> T local(ConfigSchema<T> schema, T config, Supplier<Hub> hub) {
        return schema.withPaths(config, (key, use, path) -> HubName.isOne(path) ? file(key, use, path, hub) : path);
    }

    private static Path file(String key, HubUse use, Path name, Supplier<Hub> hub) {
        return switch (use) {
            case NONE -> throw AlignException.usage(key + " is " + name + ", but here only a path is possible");
            case MODEL -> hub.get().model(HubName.parse(name, RepoKind.MODEL), ModelPart.MODEL);
            case TOKENIZER -> hub.get().model(HubName.parse(name, RepoKind.MODEL), ModelPart.TOKENIZER);
            case ADAPTER -> hub.get().model(HubName.parse(name, RepoKind.MODEL), ModelPart.ADAPTER);
            case TRAIN_DATA -> hub.get().data(HubName.parse(name, RepoKind.DATASET), Split.TRAIN);
            case EVAL_DATA -> hub.get().data(HubName.parse(name, RepoKind.DATASET), Split.EVAL);
            case ANY_DATA -> hub.get().data(HubName.parse(name, RepoKind.DATASET), Split.ANY);
        };
    }

    /** The settings with {@code hub:owner/name@COMMIT} for what lies in the cache: that holds on other machines too. */
    static Map<String, Object> byName(Map<String, Object> settings, Path cache) {
        Map<String, Object> named = new LinkedHashMap<>(settings);
        for (String key : new String[] {"model", "data", "eval_data", "reference", "adapter"}) {
            if (settings.get(key) instanceof String paths) {
                List<String> names = new ArrayList<>();
                for (String path : Commas.split(paths)) {
                    names.add(HubName.ofCached(Path.of(path), cache)
                            .map(HubName::toString)
                            .orElse(path));
                }
                named.put(key, String.join(",", names));
            }
        }
        return named;
    }

    static Map<String, Object> byName(Map<String, Object> settings) {
        return byName(settings, HubEnvironment.cacheOfProcess());
    }

    /** What to call a model: its name on the hub if it lies in the cache, else {@code otherwise}. */
    static String named(Path path, Path otherwise) {
        return HubName.ofCached(path, HubEnvironment.cacheOfProcess())
                .map(HubName::toString)
                .orElse(String.valueOf(otherwise));
    }

    /** The base that an adapter from a hub names, if it has the form of a name there. */
    static Optional<Path> base(Path adapter, String baseName, RunListener listener) {
        Path cache = HubEnvironment.cacheOfProcess();
        if (HubName.ofCached(adapter, cache).isEmpty() || !baseName.matches("[\\w.-]+/[\\w.-]+")) {
            return Optional.empty();
        }
        HubName name = HubName.parse(Path.of("hub:" + baseName), RepoKind.MODEL);
        return Optional.of(hub(listener).model(name, ModelPart.MODEL));
    }

    private static Hub hub(RunListener listener) {
        return new Hub(HubEnvironment.ofProcess(), new HubListener() {
            @Override
            public void message(String line) {
                listener.message(line);
            }

            @Override
            public void downloading(String what, int done, int total) {
                listener.preparing("downloading " + what, done, total);
                if (listener.stopRequested()) {
                    throw new RunInterrupted();
                }
            }
        });
    }
}
