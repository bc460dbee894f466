package org.align4j.recipe;

import java.nio.file.Path;

/** Where this user's programs keep what can be computed again: {@code $XDG_CACHE_HOME} or {@code ~/.cache}. */
final class UserCache {
    private UserCache() {}

    static Path folder() {
        String configured = System.getenv("XDG_CACHE_HOME");
        Path base = configured == null || configured.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(configured);
        return base.resolve("align4j");
    }
}
