package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.align4j.AlignException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes safetensors files: tensors in the given order, one at a time, so that memory holds one of them at most. Files
 * are atomic. The header is padded with spaces so that the data begin at a multiple of eight bytes, as the format's own
 * library does.
 */
public final class SafetensorsWriter {
    /** Hugging Face's long-standing {@code max_shard_size} of "5GB", in bytes. */
    public static final long DEFAULT_MAX_SHARD_SIZE = 5_000_000_000L;

    /** What transformers asks for before it loads a file. */
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    /** Writes one file with the metadata {@code format=pt}. */
    public static void write(Path file, List<? extends TensorSource> tensors) {
        write(file, tensors, METADATA);
    }

    /**
     * Writes one file.
     *
     * @param metadata what to put under {@code __metadata__}
     * @throws AlignException if the disk is full or may not be written, or if a source writes more or fewer bytes than
     *     its shape takes; then an older file of that name is unchanged
     * @throws IllegalArgumentException if two tensors share a name
     */
    public static void write(Path file, List<? extends TensorSource> tensors, Map<String, String> metadata) {
        byte[] header = header(tensors, metadata);
        long size = SafetensorsHeader.LENGTH_BYTES + header.length + totalSize(tensors);
        AtomicFiles.write(file, size, channel -> {
            ByteBuffer length =
                    ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(length.putLong(header.length).flip());
            channel.write(ByteBuffer.wrap(header));
            for (TensorSource tensor : tensors) {
                CountingChannel counting = new CountingChannel(channel, tensor, file);
                tensor.writeTo(counting);
                counting.checkComplete();
            }
        });
    }

    /**
     * Writes the weights of a model into a folder as transformers does: {@code model.safetensors} if they fit into one
     * file, otherwise {@code model-00001-of-0000N.safetensors} … and {@code model.safetensors.index.json}.
     *
     * <p>Each file is atomic, the set is not: write into the temporary folder of {@link AtomicFiles#writeFolder}.
     *
     * @param maxShardSize bytes of tensors per file; a single larger tensor gets a file of its own
     * @return the files written, in order
     */
    public static List<Path> writeModel(Path folder, List<? extends TensorSource> tensors, long maxShardSize) {
        checkNames(tensors);
        List<List<TensorSource>> shards = shards(tensors, maxShardSize);
        List<Path> files = new ArrayList<>();
        if (shards.size() == 1) {
            Path file = folder.resolve(WeightFiles.SINGLE);
            write(file, shards.get(0));
            files.add(file);
            return files;
        }
        Map<String, String> fileOfTensor = new TreeMap<>();
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            write(folder.resolve(name), shards.get(i));
            files.add(folder.resolve(name));
            for (TensorSource tensor : shards.get(i)) {
                fileOfTensor.put(tensor.name(), name);
            }
        }
        Path index = folder.resolve(WeightFiles.INDEX);
        JsonFiles.write(index, index(tensors, fileOfTensor));
        files.add(index);
        return files;
    }

    private static ObjectNode index(List<? extends TensorSource> tensors, Map<String, String> fileOfTensor) {
        long parameters = 0;
        for (TensorSource tensor : tensors) {
            parameters += tensor.byteCount() / tensor.dtype().bytes();
        }
        ObjectNode index = JsonFiles.newObject();
        index.putObject("metadata").put("total_parameters", parameters).put("total_size", totalSize(tensors));
        ObjectNode weightMap = index.putObject("weight_map");
        fileOfTensor.forEach(weightMap::put);
        return index;
    }

    /** Fills file after file in the given order; there is always at least one. */
    private static List<List<TensorSource>> shards(List<? extends TensorSource> tensors, long maxShardSize) {
        List<List<TensorSource>> shards = new ArrayList<>();
        List<TensorSource> shard = new ArrayList<>();
        shards.add(shard);
        long size = 0;
        for (TensorSource tensor : tensors) {
            if (!shard.isEmpty() && size + tensor.byteCount() > maxShardSize) {
                shard = new ArrayList<>();
                shards.add(shard);
                size = 0;
            }
            shard.add(tensor);
            size += tensor.byteCount();
        }
        return shards;
    }

    private static byte[] header(List<? extends TensorSource> tensors, Map<String, String> metadata) {
        checkNames(tensors);
        ObjectNode header = JsonFiles.newObject();
        if (!metadata.isEmpty()) {
            ObjectNode strings = header.putObject(SafetensorsHeader.METADATA);
            metadata.forEach(strings::put);
        }
        long begin = 0;
        for (TensorSource tensor : tensors) {
            long end = begin + tensor.byteCount();
            ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", tensor.dtype().name());
            ArrayNode shape = entry.putArray("shape");
            for (long dimension : tensor.shape()) {
                shape.add(dimension);
            }
            entry.putArray("data_offsets").add(begin).add(end);
            begin = end;
        }
        byte[] json = JsonFiles.compact(header);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        byte[] bytes = Arrays.copyOf(json, padded);
        Arrays.fill(bytes, json.length, padded, (byte) ' ');
        return bytes;
    }

    private static void checkNames(List<? extends TensorSource> tensors) {
        Set<String> names = new HashSet<>();
        names.add(SafetensorsHeader.METADATA);
        for (TensorSource tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("the name " + tensor.name() + " is reserved or used twice");
            }
        }
    }

    private static long totalSize(List<? extends TensorSource> tensors) {
        long total = 0;
        for (TensorSource tensor : tensors) {
            total += tensor.byteCount();
        }
        return total;
    }

    /** Holds a source to its promise: one byte too many or too few would shift every tensor after it. */
    private static final class CountingChannel implements WritableByteChannel {
        private final WritableByteChannel channel;
        private final TensorSource tensor;
        private final Path file;
        private long missing;

        private CountingChannel(WritableByteChannel channel, TensorSource tensor, Path file) {
            this.channel = channel;
            this.tensor = tensor;
            this.file = file;
            this.missing = tensor.byteCount();
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            missing -= source.remaining();
            if (missing < 0) {
                throw wrongCount("more");
            }
            return channel.write(source);
        }

        private void checkComplete() {
            if (missing > 0) {
                throw wrongCount("fewer");
            }
        }

        private AlignException wrongCount(String what) {
            return AlignException.failure(OneLine.text(AtomicFiles.shown(file)) + ": tensor "
                    + OneLine.name(tensor.name()) + " wrote "
                    + what + " than the " + OneLine.bytes(tensor.byteCount()) + " of " + tensor.dtype() + " "
                    + Arrays.toString(tensor.shape()) + "; the code that writes it is at fault, please report it");
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() {
            // The file goes on after this tensor.
        }
    }
}
