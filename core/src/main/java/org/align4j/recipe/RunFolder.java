package org.align4j.recipe;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.checkpoint.AdapterFolder;
import org.align4j.checkpoint.AtomicFiles;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.train.RunState;
import tools.jackson.databind.node.ObjectNode;

/**
 * The output folder of a run: who may write it, whether something is there already, and what says how the model in it
 * was made ({@code training_config.yaml}, {@code provenance.json}).
 */
final class RunFolder implements AutoCloseable {
    static final String METRICS = "metrics.jsonl";
    static final String CONFIG = "training_config.yaml";
    static final String PROVENANCE = "provenance.json";

    static final String CALIBRATION = "calibration.svg";

    private static final String LOCK = ".align4j.lock";

    private final Path path;
    private final FileChannel lockFile;

    private final Optional<Path> made;

    private RunFolder(Path path, FileChannel lockFile, Optional<Path> made) {
        this.path = path;
        this.lockFile = lockFile;
        this.made = made;
    }

    /**
     * Takes the folder for this process, making it if need be.
     *
     * @param sources folders that the run reads from
     */
    static RunFolder open(Path path, List<Path> sources) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw AlignException.usage(path + ": is a file, expected a folder to write into; choose another --output");
        }
        for (Path source : sources) {
            if (sameFolder(path, source)) {
                throw AlignException.usage(
                        path + ": is also the folder of a model or adapter to read; choose another --output");
            }
        }
        Optional<Path> made = firstMissing(path.toAbsolutePath());
        try {
            Files.createDirectories(path);
            FileChannel channel =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw AlignException.usage(
                        path + ": another run is writing here; wait for it or choose another --output");
            }
            return new RunFolder(path, channel, made);
        } catch (IOException e) {
            throw AlignException.failure(
                    path + ": cannot be written: " + reason(e) + "; choose another --output or change its permissions",
                    e);
        }
    }

    /** The outermost folder that has to be made for this one to be there. */
    private static Optional<Path> firstMissing(Path folder) {
        Optional<Path> missing = Optional.empty();
        for (Path each = folder; each != null && !Files.exists(each); each = each.getParent()) {
            missing = Optional.of(each);
        }
        return missing;
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.AccessDeniedException ? "permission denied" : e.getMessage();
    }

    private static boolean sameFolder(Path a, Path b) {
        try {
            return Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b);
        } catch (IOException e) {
            return false;
        }
    }

    /** Refuses a folder with an older run, unless this one resumes or replaces it. */
    void checkOlderRun(boolean resume, boolean overwrite) {
        AtomicFiles.cleanLeftovers(path);
        boolean older = Files.exists(path.resolve(METRICS))
                || Files.exists(path.resolve("config.json"))
                || AdapterFolder.isOne(path)
                || !RunState.checkpoints(path).isEmpty();
        if (older && !resume && !overwrite) {
            throw AlignException.usage(path + ": holds a run or a model already; go on with --resume, replace it with"
                    + " --overwrite, or choose another --output");
        }
    }

    /** Deletes what an older run made, once nothing that can be known before training stands in the way of the new one. */
    void removeOlderRun() {
        // The marks of a whole model and a finished run go first: a kill from here on leaves a folder that claims
        // nothing.
        List<Path> remains =
                new ArrayList<>(List.of(path.resolve(PROVENANCE), path.resolve("config.json"), path.resolve(METRICS)));
        remains.add(path.resolve("adapter_config.json"));
        remains.add(path.resolve(CALIBRATION));
        try (DirectoryStream<Path> weights =
                Files.newDirectoryStream(path, "{model*.safetensors*,adapter_model.safetensors}")) {
            weights.forEach(remains::add);
            for (Path file : remains) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw AlignException.failure(path + ": cannot be replaced: " + reason(e), e);
        }
        for (Path checkpoint : RunState.checkpoints(path)) {
            AtomicFiles.deleteFolder(checkpoint);
        }
    }

    /** Says before hours of training that the disk will not hold the result. */
    void requireSpace(long bytes) {
        try {
            long free = Files.getFileStore(path).getUsableSpace();
            if (free < bytes) {
                throw AlignException.failure(
                        "%s: the disk has %,d MB free, this run writes about %,d MB; free space, or lower save_total_limit"
                                .formatted(path, free >> 20, (bytes >> 20) + 1));
            }
        } catch (IOException e) {
            // Some file systems do not say; then writing will.
        }
    }

    /** Steps of the finished run in this folder; −1 if there is none. */
    int finishedSteps() {
        if (!Files.exists(path.resolve(PROVENANCE))) {
            return -1;
        }
        ObjectNode provenance = JsonFiles.readObject(path.resolve(PROVENANCE));
        boolean finished =
                provenance.has("finished") && provenance.get("finished").booleanValue();
        return finished && provenance.has("steps") ? provenance.get("steps").intValue() : -1;
    }

    void writeConfig(Map<String, Object> config) {
        StringBuilder yaml = new StringBuilder();
        for (Map.Entry<String, Object> entry : config.entrySet()) {
            Object value = entry.getValue();
            String text = value instanceof String || value instanceof Path
                    ? "\"" + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\""
                    : String.valueOf(value);
            yaml.append(entry.getKey()).append(": ").append(text).append('\n');
        }
        AtomicFiles.write(path.resolve(CONFIG), yaml.toString().getBytes(StandardCharsets.UTF_8));
    }

    void writeProvenance(ObjectNode provenance) {
        JsonFiles.write(path.resolve(PROVENANCE), provenance);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            lockFile.close(); // gives the lock back
            Files.deleteIfExists(path.resolve(LOCK));
            if (made.isPresent()) {
                removeIfEmpty(path.toAbsolutePath());
            }
        } catch (IOException e) {
            // The lock ends with the process at the latest.
        }
    }

    /** What a refused run made and put nothing into. */
    private void removeIfEmpty(Path folder) throws IOException {
        try {
            for (Path each = folder; each.startsWith(made.orElseThrow()); each = each.getParent()) {
                Files.delete(each);
            }
        } catch (DirectoryNotEmptyException e) {
            return;
        }
    }
}
