package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.align4j.AlignException;

/**
 * Files and folders that are there whole or not at all, whenever the process or the machine stops. New content is
 * written beside the target under a temporary name, forced to the disk, and then renamed.
 *
 * <p>Every method throws {@link AlignException} of kind FAILURE for a full disk, missing permission or a broken disk,
 * and has removed its temporary files by then. Only a killed process leaves some: {@link #cleanLeftovers}.
 */
public final class AtomicFiles {
    private static final String TEMP = ".tmp-align4j-";
    /** The folder that is being replaced, between the two renames. */
    private static final String OLD = ".old-align4j-";

    /** For {@link #write} where nobody knows how large the file will be. */
    public static final long UNKNOWN_SIZE = IoProblems.UNKNOWN;

    private static final int RANDOM_BYTES = 6;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Writes the content of a file. The channel takes everything it is given at once. */
    @FunctionalInterface
    public interface Content {
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    /** Writes the files of a folder, which exists and is empty. */
    @FunctionalInterface
    public interface FolderContent {
        void writeTo(Path folder) throws IOException;
    }

    private AtomicFiles() {}

    /** Writes a file, in place of an older one if there is one. Makes the folders above it. */
    public static void write(Path target, byte[] content) {
        write(target, content.length, channel -> channel.write(ByteBuffer.wrap(content)));
    }

    /**
     * Writes a file, in place of an older one if there is one. Makes the folders above it.
     *
     * @param byteCount how large it will be, for the message when the disk is full, or {@link #UNKNOWN_SIZE}
     */
    public static void write(Path target, long byteCount, Content content) {
        Path parent = parent(target);
        Path temp = sibling(TEMP, target);
        try {
            Files.createDirectories(parent);
            try (FileChannel file = FileChannel.open(temp, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(new FullChannel(file));
                file.force(true);
            }
            Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
            force(parent);
        } catch (IOException e) {
            delete(temp);
            throw IoProblems.writing(shown(target), byteCount, e);
        } catch (RuntimeException | Error e) {
            delete(temp);
            throw e;
        }
    }

    /**
     * Writes a new folder.
     *
     * @throws AlignException of kind USAGE if the target exists already and is not an empty folder
     */
    public static void writeFolder(Path target, FolderContent content) {
        if (Files.exists(target) && !isEmptyFolder(target)) {
            throw AlignException.usage(
                    OneLine.text(target) + ": exists already and is not empty; choose another folder or remove it");
        }
        replaceFolder(target, content);
    }

    /**
     * Writes a folder and <b>deletes</b> the one that was there. A reader never sees a mixture; a kill between the two
     * renames leaves the old folder under a name that {@link #cleanLeftovers} undoes.
     */
    public static void replaceFolder(Path target, FolderContent content) {
        Path temp = null;
        try {
            Files.createDirectories(parent(target));
            // A link to a folder on a larger disk stays a link.
            Path real = Files.isSymbolicLink(target) ? target.toRealPath() : target;
            refuseMountPoint(real);
            temp = sibling(TEMP, real);
            Files.createDirectory(temp);
            content.writeTo(temp);
            forceAll(temp);
            swap(temp, real);
            force(parent(real));
        } catch (IOException e) {
            delete(temp);
            throw IoProblems.writing(shown(target), IoProblems.UNKNOWN, e);
        } catch (RuntimeException | Error e) {
            delete(temp);
            throw e;
        }
    }

    /** Deletes a folder. It is renamed first, so that nobody finds half of it under its name. */
    public static void deleteFolder(Path folder) {
        Path temp = sibling(TEMP, folder);
        try {
            Files.move(folder, temp, StandardCopyOption.ATOMIC_MOVE);
            deleteTree(temp);
        } catch (IOException e) {
            throw IoProblems.writing(folder, IoProblems.UNKNOWN, e);
        }
    }

    /**
     * Removes what killed runs left in a folder, and puts a folder back whose replacement was cut off. Only for who owns
     * the folder: the temporary files of a run that is still writing there would go too.
     *
     * @return how many leftovers were cleaned; 0 if the folder does not exist
     */
    public static int cleanLeftovers(Path folder) {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        int cleaned = 0;
        try {
            for (Path leftover : list(folder)) {
                String name = leftover.getFileName().toString();
                if (name.startsWith(OLD)) {
                    Path target = folder.resolve(originalName(OLD, name));
                    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                        deleteTree(leftover);
                    } else {
                        Files.move(leftover, target, StandardCopyOption.ATOMIC_MOVE);
                    }
                    cleaned++;
                } else if (name.startsWith(TEMP)) {
                    deleteTree(leftover);
                    cleaned++;
                }
            }
            return cleaned;
        } catch (IOException e) {
            throw IoProblems.writing(folder, IoProblems.UNKNOWN, e);
        }
    }

    private static void swap(Path temp, Path target) throws IOException {
        if (!Files.exists(target)) {
            Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        Path old = sibling(OLD, target);
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        try {
            Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
            throw e;
        }
        delete(old);
    }

    /** The root of a mounted disk cannot be renamed; better said before a model is written than after. */
    private static void refuseMountPoint(Path target) throws IOException {
        if (Files.isDirectory(target) && !Files.getFileStore(target).equals(Files.getFileStore(parent(target)))) {
            throw AlignException.usage(OneLine.text(target)
                    + ": is the root of a mounted disk and cannot be replaced as a whole; name a folder inside it");
        }
    }

    private static Path parent(Path target) {
        return target.toAbsolutePath().normalize().getParent();
    }

    private static Path sibling(String prefix, Path target) {
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        Path name = target.toAbsolutePath().normalize().getFileName();
        return parent(target).resolve(prefix + HexFormat.of().formatHex(random) + "-" + name);
    }

    private static String originalName(String prefix, String name) {
        return name.substring(Math.min(name.length(), prefix.length() + 2 * RANDOM_BYTES + 1));
    }

    /** The path as the user will know it: a file in a temporary folder is shown where it is meant to end up. */
    static Path shown(Path path) {
        Path shown = path.isAbsolute() ? path.getRoot() : Path.of("");
        for (Path part : path) {
            String name = part.toString();
            shown = shown.resolve(name.startsWith(TEMP) ? originalName(TEMP, name) : name);
        }
        return shown;
    }

    private static boolean isEmptyFolder(Path path) {
        try {
            return Files.isDirectory(path) && list(path).isEmpty();
        } catch (IOException e) {
            throw IoProblems.reading(path, e);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(children::add);
        }
        return children;
    }

    /** Forces files before the folders that hold them. */
    private static void forceAll(Path folder) throws IOException {
        for (Path path : deepestFirst(folder)) {
            if (!Files.isSymbolicLink(path)) {
                force(path);
            }
        }
    }

    /** Forces a file or a folder to the disk. Systems that cannot open a folder (Windows) need not force it either. */
    private static void force(Path path) throws IOException {
        boolean isFolder = Files.isDirectory(path);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            if (!isFolder) {
                throw e;
            }
        }
    }

    /** Deletes what is no longer wanted. If that fails, an earlier failure is the one to report, and it is left over. */
    private static void delete(Path unwanted) {
        try {
            if (unwanted != null) {
                deleteTree(unwanted);
            }
        } catch (IOException leftForCleanLeftovers) {
            return;
        }
    }

    private static void deleteTree(Path root) throws IOException {
        for (Path path : deepestFirst(root)) {
            Files.deleteIfExists(path);
        }
    }

    private static List<Path> deepestFirst(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Takes everything at once, in slices: for a large heap buffer the JDK would allocate as much again off the heap. */
    private record FullChannel(FileChannel file) implements WritableByteChannel {
        private static final int SLICE = 8 << 20;

        @Override
        public int write(ByteBuffer source) throws IOException {
            int count = source.remaining();
            int end = source.limit();
            while (source.position() < end) {
                source.limit(Math.min(end, source.position() + SLICE));
                file.write(source);
            }
            source.limit(end);
            return count;
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public void close() {
            // Closed by who opened it: it has yet to be forced to the disk.
        }
    }
}
