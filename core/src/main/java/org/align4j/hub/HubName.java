package org.align4j.hub;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.align4j.AlignException;

/**
 * A name as users write it: {@code hub:owner/name}, {@code hub:owner/name@revision} or
 * {@code hub:owner/name@revision/path}. A revision is a branch, a tag or a commit without a slash, or one of the hub's own
 * {@code refs/pr/7} and {@code refs/convert/parquet}.
 *
 * @param path of a file or folder in the repository, or a pattern; empty for the whole of it
 */
public record HubName(RepoKind kind, String owner, String name, String revision, String path) {
    private static final String SCHEME = "hub:";
    private static final String MAIN = "main";
    private static final Pattern FORM = Pattern.compile(SCHEME
            + "(?<owner>[\\w.-]+)/(?<name>[\\w.-]+)"
            + "(?:@(?<revision>refs/(?:pr|convert)/[\\w.-]+|[^/@]+))?(?:/(?<path>.+))?");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /** Whether this is the name of something on a hub, and not of a file. */
    public static boolean isOne(Path path) {
        return path.toString().startsWith(SCHEME);
    }

    /** @throws AlignException saying what was expected */
    public static HubName parse(Path text, RepoKind kind) {
        Matcher form = FORM.matcher(text.toString());
        if (!form.matches() || !isPlain(form.group("owner")) || !isPlain(form.group("name"))) {
            throw malformed(text, "");
        }
        String revision = form.group("revision") == null ? MAIN : form.group("revision");
        String path = form.group("path") == null ? "" : form.group("path");
        if (!RepoPaths.isSafe(revision)) {
            throw malformed(text, "the revision \"" + RepoPaths.shown(revision) + "\" is none; ");
        }
        if (!path.isEmpty() && !RepoPaths.isSafe(path)) {
            throw malformed(text, "\"" + RepoPaths.shown(path) + "\" is no path inside a repository; ");
        }
        return new HubName(kind, form.group("owner"), form.group("name"), revision, path);
    }

    private static boolean isPlain(String part) {
        return !part.contains("..") && !part.contains("--") && !part.startsWith(".") && !part.startsWith("-");
    }

    private static AlignException malformed(Path text, String why) {
        return AlignException.usage(RepoPaths.shown(text.toString()) + ": " + why
                + "expected hub:owner/name, hub:owner/name@revision or hub:owner/name@revision/path");
    }

    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    /**
     * The name of what lies in a cache: {@code …/models--owner--name/snapshots/COMMIT/path} is
     * {@code hub:owner/name@COMMIT/path}.
     */
    public static Optional<HubName> ofCached(Path path, Path cache) {
        Path absolute = path.toAbsolutePath().normalize();
        Path root = cache.toAbsolutePath().normalize();
        if (!absolute.startsWith(root) || absolute.getNameCount() < root.getNameCount() + 3) {
            return Optional.empty();
        }
        Path inside = root.relativize(absolute);
        String[] repo = inside.getName(0).toString().split("--");
        String commit = inside.getName(2).toString();
        if (repo.length != 3 || !inside.getName(1).toString().equals("snapshots") || !isCommit(commit)) {
            return Optional.empty();
        }
        for (RepoKind kind : RepoKind.values()) {
            if (kind.plural.equals(repo[0])) {
                String rest = inside.getNameCount() == 3
                        ? ""
                        : inside.subpath(3, inside.getNameCount()).toString().replace('\\', '/');
                return Optional.of(new HubName(kind, repo[1], repo[2], commit, rest));
            }
        }
        return Optional.empty();
    }

    String id() {
        return owner + "/" + name;
    }

    /** The folder of the repository in the cache. */
    String folder() {
        return kind.plural + "--" + owner + "--" + name;
    }

    /** The whole name with a revision that never moves. */
    HubName at(String commit) {
        return new HubName(kind, owner, name, commit, path);
    }

    /** The same revision of the same repository, with a file or folder of it. */
    String withPath(String file) {
        return new HubName(kind, owner, name, revision, file).toString();
    }

    @Override
    public String toString() {
        return SCHEME + id() + (revision.equals(MAIN) ? "" : "@" + revision) + (path.isEmpty() ? "" : "/" + path);
    }
}
