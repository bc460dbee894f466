package org.align4j.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The folder of one repository in the cache, laid out as huggingface_hub does:
 *
 * <pre>
 * models--owner--name/refs/main                          the commit, 40 digits
 *                    /snapshots/COMMIT/config.json       a link: ../../blobs/CHECKSUM
 *                    /blobs/CHECKSUM                     the bytes
 * </pre>
 */
final class HubCache {
    private final Path cache;
    private final Path folder;
    private final String folderName;
    private final boolean symlinks;

    HubCache(HubName name, HubEnvironment environment) {
        cache = environment.cache();
        folderName = name.folder();
        folder = cache.resolve(folderName);
        symlinks = environment.symlinks();
    }

    /** The commit that a revision was when it was last asked for, if anything of it is here. */
    Optional<String> commitOf(String revision) {
        Path ref = folder.resolve("refs").resolve(revision);
        String commit = revision;
        if (!HubName.isCommit(revision)) {
            try {
                commit = Files.isRegularFile(ref) ? Files.readString(ref).strip() : "";
            } catch (IOException e) {
                throw HubErrors.onDisk(ref.toString(), e);
            }
        }
        return HubName.isCommit(commit) && Files.isDirectory(snapshot(commit)) ? Optional.of(commit) : Optional.empty();
    }

    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    /** Whether a file is there, and not a link to nothing. */
    boolean has(String commit, String file) {
        return Files.isRegularFile(snapshot(commit).resolve(file));
    }

    /** All files of a snapshot, as names in the repository. */
    List<String> files(String commit) {
        Path snapshot = snapshot(commit);
        try (Stream<Path> paths = Files.walk(snapshot)) {
            return paths.filter(Files::isRegularFile)
                    .map(path -> snapshot.relativize(path).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw HubErrors.onDisk(snapshot.toString(), e instanceof IOException io ? io : new IOException(e));
        }
    }

    /** Where the blob lies or will lie; the folder is made. */
    Path blob(String etag) throws IOException {
        Path blobs = folder.resolve("blobs");
        Files.createDirectories(blobs);
        return blobs.resolve(etag);
    }

    Path lock(String etag) {
        return cache.resolve(".locks").resolve(folderName).resolve(etag + ".lock");
    }

    /** Makes a snapshot's file of a blob that is there: a relative link, or a copy where links are not possible. */
    void link(String commit, String file, String etag) throws IOException {
        Path pointer = snapshot(commit).resolve(file);
        Path blob = folder.resolve("blobs").resolve(etag);
        Files.createDirectories(pointer.getParent());
        if (symlinks) {
            try {
                if (Files.isSymbolicLink(pointer) && !Files.exists(pointer)) {
                    Files.delete(pointer); // to a blob that somebody has taken away
                }
                Files.createSymbolicLink(pointer, pointer.getParent().relativize(blob));
                return;
            } catch (FileAlreadyExistsException e) {
                return; // another process was quicker
            } catch (IOException | UnsupportedOperationException e) {
                // Windows without the right to make links: copy.
            }
        }
        Path copy = pointer.resolveSibling(pointer.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            Files.copy(blob, copy);
            Files.move(copy, pointer, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** Remembers which commit a branch or tag is. */
    void remember(String revision, String commit) throws IOException {
        Path ref = folder.resolve("refs").resolve(revision);
        if (HubName.isCommit(revision)
                || Files.isRegularFile(ref) && Files.readString(ref).equals(commit)) {
            return;
        }
        Files.createDirectories(ref.getParent());
        Path temp = ref.resolveSibling(ref.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            Files.writeString(temp, commit);
            Files.move(temp, ref, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temp);
        }
    }
}
