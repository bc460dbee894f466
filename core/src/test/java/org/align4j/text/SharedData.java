package org.align4j.text;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Data and models that lie beside the project, not in it: the folder {@code ../shared/data} seen from the project's root,
 * or the one that the system property {@code align4j.shared.data} names.
 */
public final class SharedData {
    private SharedData() {}

    public static boolean has(String name) {
        Path file = find(name);
        return file != null && Files.exists(file);
    }

    /** A file or folder in it; the test is skipped, saying so, if it is absent. */
    public static Path require(String name) {
        assumeTrue(has(name), () -> "skipped: shared/data/" + name + " is not beside the project");
        return find(name);
    }

    private static Path find(String name) {
        String property = System.getProperty("align4j.shared.data");
        return property == null ? search(name) : Path.of(property, name);
    }

    private static Path search(String name) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path file = folder.resolveSibling("shared/data").resolve(name);
            if (Files.exists(file)) {
                return file;
            }
        }
        return null;
    }
}
