package org.align4j.hub;

/** What a repository holds, which decides its address and its folder in the cache. */
public enum RepoKind {
    MODEL("models", ""),
    DATASET("datasets", "datasets/");

    /** In the cache, {@code models--owner--name}, and in addresses of the interface, {@code /api/models/owner/name}. */
    final String plural;

    /** What stands before owner/name in the address of a file. */
    final String prefix;

    RepoKind(String plural, String prefix) {
        this.plural = plural;
        this.prefix = prefix;
    }
}
