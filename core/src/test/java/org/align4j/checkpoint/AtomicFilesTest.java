package org.align4j.checkpoint;

import static org.align4j.checkpoint.Fixtures.assertRefused;
import static org.align4j.checkpoint.Fixtures.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> everything() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> !path.equals(folder))
                    .map(path -> folder.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void writesNewFilesAndReplacesOldOnes() throws IOException {
        Path file = folder.resolve("deep/er/state.json");
        AtomicFiles.write(file, bytes("old"));
        assertThat(file).hasContent("old");
        AtomicFiles.write(file, bytes("new"));
        assertThat(file).hasContent("new");
        assertThat(everything()).containsExactly("deep", "deep/er", "deep/er/state.json");
    }

    @Test
    void aLargeHeapBufferIsWrittenWhole() throws IOException {
        byte[] large = new byte[(20 << 20) + 3];
        large[large.length - 1] = 9;
        large[8 << 20] = 7;
        AtomicFiles.write(folder.resolve("large"), large);
        assertThat(Files.readAllBytes(folder.resolve("large"))).isEqualTo(large);
    }

    @Test
    void anExceptionInTheMiddleLeavesTheOldFile() throws IOException {
        Path file = folder.resolve("state.json");
        AtomicFiles.write(file, bytes("old"));
        assertThatThrownBy(() -> AtomicFiles.write(file, 6, channel -> {
                    channel.write(ByteBuffer.wrap(bytes("new")));
                    throw new IllegalStateException("stop");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("stop");
        assertThat(file).hasContent("old");
        assertThat(everything()).containsExactly("state.json");
    }

    @Test
    void aFullDiskSaysHowMuchIsNeededAndLeavesTheOldCheckpoint() throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, List.of(Fixtures.counting("w", 5, 1)));
        byte[] before = Files.readAllBytes(file);
        assertRefused(
                AlignException.Kind.FAILURE,
                () -> SafetensorsWriter.write(file, List.of(new Failing(new IOException("No space left on device")))),
                "model.safetensors: the disk is full",
                // 8 for the length of the header, 91 of header padded to 96, and 4,000 of data.
                "4,104 bytes are needed and ",
                " bytes are free",
                "nothing was changed",
                "free some space, then run again (training: with --resume)");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(everything()).containsExactly("model.safetensors");
    }

    @Test
    void missingPermissionAndOtherTroubleHaveTheirOwnRemedies() throws IOException {
        Path file = folder.resolve("model.safetensors");
        assertRefused(
                AlignException.Kind.FAILURE,
                () -> SafetensorsWriter.write(file, List.of(new Failing(new AccessDeniedException("x")))),
                "model.safetensors: may not be written (permission denied)",
                "write permission or choose another output folder");
        assertRefused(
                AlignException.Kind.FAILURE,
                () -> SafetensorsWriter.write(file, List.of(new Failing(new IOException("Read-only file system")))),
                "may not be written",
                "Read-only file system");
        assertRefused(
                AlignException.Kind.FAILURE,
                () -> SafetensorsWriter.write(file, List.of(new Failing(new IOException("Input/output error")))),
                "cannot be written",
                "Input/output error",
                "check the disk");
        assertRefused(
                AlignException.Kind.FAILURE,
                () -> AtomicFiles.replaceFolder(folder.resolve("volume"), temp -> {
                    throw new FileSystemException("a", "b", "Device or resource busy");
                }),
                "volume: cannot be replaced as a whole (Device or resource busy)",
                "name a folder inside it");
        AtomicFiles.write(file, bytes("a file"));
        assertRefused(
                AlignException.Kind.FAILURE,
                () -> AtomicFiles.write(file.resolve("below"), bytes("x")),
                "model.safetensors/below: cannot be written");
        assertThat(everything()).containsExactly("model.safetensors");
    }

    @Test
    void aFolderAppearsWholeOrNotAtAll() throws IOException {
        Path target = folder.resolve("runs/checkpoint-10");
        AtomicFiles.writeFolder(target, temp -> {
            Files.createDirectory(temp.resolve("sub"));
            AtomicFiles.write(temp.resolve("sub/a"), bytes("1"));
            assertThat(target).doesNotExist();
        });
        assertThat(target.resolve("sub/a")).hasContent("1");
        assertThat(names(target)).isEmpty();

        assertThatThrownBy(() -> AtomicFiles.writeFolder(folder.resolve("runs/checkpoint-20"), temp -> {
                    Files.writeString(temp.resolve("half"), "x");
                    throw new IllegalStateException("stop");
                }))
                .hasMessage("stop");
        assertThat(everything())
                .containsExactly("runs", "runs/checkpoint-10", "runs/checkpoint-10/sub", "runs/checkpoint-10/sub/a");
    }

    @Test
    void aFullDiskInAFolderNamesTheFileWhereItShouldEndUp() throws IOException {
        Path target = folder.resolve("checkpoint-10");
        assertRefused(
                AlignException.Kind.FAILURE,
                () -> AtomicFiles.writeFolder(
                        target,
                        temp -> SafetensorsWriter.write(
                                temp.resolve("model.safetensors"),
                                List.of(new Failing(new IOException("Disk quota exceeded"))))),
                "checkpoint-10" + File.separator + "model.safetensors: the disk is full");
        assertThat(everything()).isEmpty();
    }

    @Test
    void anExistingFolderIsReplacedOnlyWhenAskedTo() throws IOException {
        Path target = Files.createDirectory(folder.resolve("model"));
        AtomicFiles.writeFolder(target, temp -> Files.writeString(temp.resolve("a"), "1"));
        assertRefused(
                AlignException.Kind.USAGE,
                () -> AtomicFiles.writeFolder(target, temp -> Files.writeString(temp.resolve("b"), "2")),
                "model: exists already and is not empty",
                "choose another folder or remove it");
        assertThat(everything()).containsExactly("model", "model/a");

        AtomicFiles.replaceFolder(target, temp -> Files.writeString(temp.resolve("b"), "2"));
        assertThat(everything()).containsExactly("model", "model/b");
    }

    @Test
    void aLinkToAnotherDiskStaysALink() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = link(folder.resolve("link"), real);
        AtomicFiles.writeFolder(link, temp -> Files.writeString(temp.resolve("a"), "1"));
        assertThat(link).isSymbolicLink();
        assertThat(real.resolve("a")).hasContent("1");
    }

    @Test
    void leftoversOfKilledRunsAreCleaned() throws IOException {
        // What a kill leaves: a half-written file, a half-written folder, and two folders amid their replacement.
        Files.writeString(folder.resolve(".tmp-align4j-0123456789ab-state.json"), "ha");
        Files.createDirectories(folder.resolve(".tmp-align4j-0123456789ab-checkpoint-20/sub"));
        Files.writeString(folder.resolve(".tmp-align4j-0123456789ab-checkpoint-20/sub/a"), "ha");
        Files.createDirectories(folder.resolve(".old-align4j-0123456789ab-last"));
        Files.writeString(folder.resolve(".old-align4j-0123456789ab-last/a"), "the only copy");
        Files.createDirectories(folder.resolve(".old-align4j-0123456789ab-best"));
        Files.writeString(folder.resolve(".old-align4j-0123456789ab-best/a"), "replaced");
        Files.createDirectories(folder.resolve("best"));
        Files.writeString(folder.resolve("best/a"), "new");
        Files.writeString(folder.resolve(".tmp-of-somebody-else"), "keep");

        assertThat(AtomicFiles.cleanLeftovers(folder)).isEqualTo(4);

        assertThat(everything()).containsExactly(".tmp-of-somebody-else", "best", "best/a", "last", "last/a");
        assertThat(folder.resolve("last/a")).hasContent("the only copy");
        assertThat(folder.resolve("best/a")).hasContent("new");
        assertThat(AtomicFiles.cleanLeftovers(folder)).isZero();
        assertThat(AtomicFiles.cleanLeftovers(folder.resolve("absent"))).isZero();
    }

    @Test
    void aRunKilledWhileWritingLeavesTheOldFileAndALeftover() throws Exception {
        Path file = folder.resolve("state.json");
        AtomicFiles.write(file, bytes("old"));
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Slow.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        // The child says when it is in the middle.
        assertThat(child.getInputStream().read()).isEqualTo('m');
        child.destroyForcibly().waitFor();

        assertThat(file).hasContent("old");
        assertThat(names(folder)).hasSize(2).first().asString().startsWith(".tmp-align4j-");
        assertThat(AtomicFiles.cleanLeftovers(folder)).isEqualTo(1);
        assertThat(names(folder)).containsExactly("state.json");
    }

    /** Writes half a file, says so, and waits to be killed. */
    static final class Slow {
        private Slow() {}

        public static void main(String[] arguments) {
            AtomicFiles.write(Path.of(arguments[0]), 6, channel -> {
                channel.write(ByteBuffer.wrap(bytes("new")));
                System.out.write('m');
                System.out.flush();
                waitForever();
            });
        }

        private static void waitForever() throws IOException {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    static Path link(Path link, Path target) {
        try {
            return Files.createSymbolicLink(link, target);
        } catch (IOException | UnsupportedOperationException e) {
            assumeThat(false).as("this system has no symbolic links").isTrue();
            return link;
        }
    }

    /** A thousand floats; the disk gives up after the first few. */
    private record Failing(IOException problem) implements TensorSource {
        @Override
        public String name() {
            return "w";
        }

        @Override
        public SafetensorsDtype dtype() {
            return SafetensorsDtype.F32;
        }

        @Override
        public long[] shape() {
            return new long[] {1000};
        }

        @Override
        public void writeTo(WritableByteChannel channel) throws IOException {
            channel.write(ByteBuffer.allocate(16));
            throw problem;
        }
    }
}
