package org.align4j.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.gguf.GgufFile;
import org.align4j.gguf.GgufFolder;

/** The small files of a model by name: those in its folder, or those that a GGUF file stands for. */
final class ModelFiles {
    private final Path path;
    private final Map<String, byte[]> contents; // null for a folder

    private ModelFiles(Path path, Map<String, byte[]> contents) {
        this.path = path;
        this.contents = contents;
    }

    /** @param model a folder or a GGUF file */
    static ModelFiles of(Path model) {
        return new ModelFiles(model, GgufFile.isOne(model) ? GgufFolder.files(model) : null);
    }

    /** What to call a file in messages. */
    Path path(String name) {
        return contents == null ? path.resolve(name) : path;
    }

    boolean has(String name) {
        return contents == null ? Files.isRegularFile(path.resolve(name)) : contents.containsKey(name);
    }

    /** The content of a file that is there. */
    byte[] read(String name) {
        if (contents != null) {
            return contents.get(name);
        }
        try {
            return Files.readAllBytes(path.resolve(name));
        } catch (IOException e) {
            throw AlignException.failure(path.resolve(name) + ": reading failed: " + e, e);
        }
    }
}
