package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.align4j.AlignException;

/** Turns what the file system complains about into one line with a remedy. */
final class IoProblems {
    /** For writes whose size nobody knows beforehand. */
    static final long UNKNOWN = -1;

    private IoProblems() {}

    static AlignException reading(Path path, IOException problem) {
        if (problem instanceof NoSuchFileException) {
            return AlignException.usage(OneLine.text(path) + ": no such file; check the path");
        }
        if (isForbidden(problem)) {
            return AlignException.failure(
                    OneLine.text(path) + ": may not be read (" + reason(problem) + "); give this user read permission",
                    problem);
        }
        return AlignException.failure(
                OneLine.text(path) + ": cannot be read (" + reason(problem) + "); check the disk and run again",
                problem);
    }

    /** @param needed bytes that the whole write takes, or {@link #UNKNOWN} */
    static AlignException writing(Path path, long needed, IOException problem) {
        String where = OneLine.text(path) + ": ";
        if (isDiskFull(problem)) {
            String need = needed == UNKNOWN ? "" : OneLine.bytes(needed) + " are needed and ";
            return AlignException.failure(
                    where + "the disk is full: " + need + free(path)
                            + "; nothing was changed; free some space, then run again (training: with --resume)",
                    problem);
        }
        if (isForbidden(problem)) {
            return AlignException.failure(
                    where + "may not be written (" + reason(problem)
                            + "); give this user write permission or choose another output folder",
                    problem);
        }
        if (isMountPoint(problem)) {
            return AlignException.failure(
                    where + "cannot be replaced as a whole (" + reason(problem)
                            + "): it seems to be the root of a mounted disk; nothing was changed; name a folder inside it",
                    problem);
        }
        return AlignException.failure(
                where + "cannot be written (" + reason(problem)
                        + "); nothing was changed; check the disk and the path, then run again (training: with --resume)",
                problem);
    }

    private static boolean isDiskFull(IOException problem) {
        String reason = reason(problem).toLowerCase(Locale.ROOT);
        return reason.contains("no space left")
                || reason.contains("quota exceeded")
                || reason.contains("not enough space");
    }

    private static boolean isForbidden(IOException problem) {
        String reason = reason(problem).toLowerCase(Locale.ROOT);
        return reason.contains("permission denied")
                || reason.contains("not permitted")
                || reason.contains("read-only file system");
    }

    private static boolean isMountPoint(IOException problem) {
        String reason = reason(problem).toLowerCase(Locale.ROOT);
        return reason.contains("resource busy") || reason.contains("cross-device");
    }

    /** What the file system said, without the names of temporary files that mean nothing to a user. */
    private static String reason(IOException problem) {
        String message = problem instanceof FileSystemException inFile ? inFile.getReason() : problem.getMessage();
        if (problem instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (problem instanceof NoSuchFileException) {
            return "no file can be made there";
        }
        return OneLine.text(message == null ? problem.getClass().getSimpleName() : message);
    }

    /** Free space where {@code path} would lie: asked of the nearest folder that exists. */
    private static String free(Path path) {
        Path folder = path.toAbsolutePath();
        while (folder != null && !Files.isDirectory(folder)) {
            folder = folder.getParent();
        }
        try {
            return folder == null
                    ? "free space is unknown"
                    : OneLine.bytes(Files.getFileStore(folder).getUsableSpace()) + " are free";
        } catch (IOException unknown) {
            return "free space is unknown";
        }
    }
}
