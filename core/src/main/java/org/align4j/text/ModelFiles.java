package org.align4j.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.gguf.GgufFile;
import org.align4j.gguf.GgufFolder;

/** The small files of a model by name: those in its folder, or those that a GGUF file stands for. */
final class ModelFiles {
    private final Path path;
    private final Optional<GgufFolder> gguf;

    private ModelFiles(Path path, Optional<GgufFolder> gguf) {
        this.path = path;
        this.gguf = gguf;
    }

    /** @param model a folder or a GGUF file */
    static ModelFiles of(Path model) {
        return new ModelFiles(model, GgufFile.isOne(model) ? Optional.of(GgufFolder.of(model)) : Optional.empty());
    }

    /** What to call a file in messages. */
    Path path(String name) {
        return gguf.isEmpty() ? path.resolve(name) : path;
    }

    boolean has(String name) {
        return gguf.isEmpty()
                ? Files.isRegularFile(path.resolve(name))
                : GgufFolder.names().contains(name);
    }

    /** The content of a file that is there. */
    byte[] read(String name) {
        if (gguf.isPresent()) {
            return gguf.get().read(name);
        }
        try {
            return Files.readAllBytes(path.resolve(name));
        } catch (IOException e) {
            throw AlignException.failure(path.resolve(name) + ": reading failed: " + e, e);
        }
    }
}
