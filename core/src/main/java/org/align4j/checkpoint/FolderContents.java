package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Looks at the files of a folder by their names: which go along with a model, and what a wrong folder seems to be. */
final class FolderContents {
    private static final Set<String> CARRIED = Set.of(
            "vocab.json",
            "vocab.txt",
            "merges.txt",
            "special_tokens_map.json",
            "added_tokens.json",
            "chat_template.jinja",
            "chat_template.json",
            "generation_config.json",
            "spiece.model",
            "sentencepiece.bpe.model",
            "tekken.json");

    private FolderContents() {}

    /**
     * Whether a file goes unchanged into the folder of a model trained from this one: what tokenizer, chat template and
     * generation need, and the licence, which most licences ask to stay with derived weights. Not the weights and
     * config.json (written anew), nor README, custom code or the state of a training.
     */
    static boolean isCarried(String name) {
        boolean isTokenizer = name.startsWith("tokenizer") && (name.endsWith(".json") || name.contains(".model"));
        return isTokenizer
                || CARRIED.contains(name)
                || name.startsWith("LICENSE")
                || name.startsWith("NOTICE")
                || name.startsWith("USE_POLICY");
    }

    /** Names of the regular files (or links to some) directly in the folder, sorted. */
    static List<String> names(Path folder) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(Files::isRegularFile)
                    .map(child -> child.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw IoProblems.reading(folder, e);
        }
    }

    /** What lies in a folder that holds no model of ours, and what the user can do with that. */
    static String describe(Path folder) {
        List<String> names = names(folder);
        if (names.isEmpty()) {
            return "the folder holds no files; check the path";
        }
        return "found " + OneLine.names(names) + "; " + remedy(names);
    }

    private static String remedy(List<String> names) {
        List<String> torch = withEnding(names, ".bin", ".pt", ".pth", ".ckpt");
        if (names.contains("adapter_config.json")) {
            return "this is a PEFT adapter, name the folder of its base model as the model and this one as the adapter";
        }
        List<String> gguf = withEnding(names, ".gguf");
        if (!gguf.isEmpty()) {
            return "name the GGUF file itself as the model, " + OneLine.text(gguf.get(0));
        }
        if (!torch.isEmpty()) {
            return "convert to safetensors: load it with transformers in Python and call save_pretrained";
        }
        if (!withEnding(names, ".safetensors").isEmpty()) {
            return "expected the names that transformers gives, config.json beside " + WeightFiles.SINGLE + " or "
                    + WeightFiles.INDEX + "; download the whole folder";
        }
        return "expected the folder of a Hugging Face model, with config.json and " + WeightFiles.SINGLE
                + "; check the path or download the model";
    }

    private static List<String> withEnding(List<String> names, String... endings) {
        List<String> found = new ArrayList<>();
        for (String name : names) {
            for (String ending : endings) {
                if (name.endsWith(ending)) {
                    found.add(name);
                }
            }
        }
        return found;
    }
}
