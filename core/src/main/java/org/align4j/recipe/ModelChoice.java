package org.align4j.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.checkpoint.AdapterFolder;
import org.align4j.model.CausalLm;

/** A model as a user names it: a folder, perhaps with an adapter, or the folder of an adapter, which names its base. */
record ModelChoice(Path base, Optional<Path> adapter) {

    static ModelChoice of(Path model, Optional<Path> adapter, RunListener listener) {
        if (!AdapterFolder.isOne(model)) {
            return new ModelChoice(model, adapter);
        }
        if (adapter.isPresent()) {
            throw AlignException.usage(model + ": is the folder of an adapter and " + adapter.get()
                    + " is given besides; name the folder of their base as the model");
        }
        try (AdapterFolder folder = AdapterFolder.open(model)) {
            Path base = HubFiles.base(model, folder.baseName(), listener).orElseGet(folder::baseFolder);
            return new ModelChoice(base, Optional.of(model));
        }
    }

    boolean hasBaseOf(ModelChoice other) {
        try {
            return Files.isSameFile(base, other.base);
        } catch (IOException e) {
            return false;
        }
    }

    /** The model over its base, which it shares: close the base after it. */
    CausalLm over(CausalLm loadedBase) {
        if (adapter.isEmpty()) {
            return loadedBase.shared();
        }
        try (AdapterFolder folder = AdapterFolder.open(adapter.get())) {
            return loadedBase.adapted(folder.load(loadedBase.architecture(), loadedBase.dtype(), false));
        }
    }
}
