package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.gguf.GgufFamily;
import org.align4j.gguf.GgufKeys;
import org.align4j.gguf.GgufTensor;
import org.align4j.gguf.GgufType;
import org.align4j.gguf.GgufVocabulary;
import org.align4j.gguf.GgufWriter;
import org.align4j.model.Architecture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * From a Hugging Face folder to the GGUF file that llama.cpp and Ollama load. Vectors stay float32; matrices become what
 * is asked for, or F16 where their rows are no whole blocks. Memory holds a few rows at a time.
 */
public final class GgufExport {
    private static final long PIECE = 1L << 20; // values

    /** ggml's numbers of what most of a file's matrices are, {@code general.file_type}. */
    private static final Map<GgufType, Integer> FILE_TYPES = Map.of(
            GgufType.F32, 0, GgufType.F16, 1, GgufType.Q4_0, 2, GgufType.Q4_1, 3, GgufType.Q8_0, 7, GgufType.BF16, 32);

    private final ModelFolder folder;
    private final GgufType type;
    private final GgufFamily family;
    private final Architecture architecture;
    private final Map<String, Architecture.Part> places;

    private GgufExport(ModelFolder folder, GgufType type) {
        this.folder = folder;
        this.type = type;
        architecture = ModelLoader.architecture(folder);
        String name = folder.config().get("architectures").get(0).stringValue();
        family = GgufFamily.ofClass(name)
                .orElseThrow(() -> AlignException.badInput(OneLine.text(folder.configName()) + ": \"architectures\" is "
                        + OneLine.name(name) + ", which is not exported; supported: " + GgufFamily.classes()
                        + "; llama.cpp's convert_hf_to_gguf.py knows more"));
        places = ModelLoader.checkedPlaces(folder, architecture);
    }

    /**
     * Writes the file, whole or not at all.
     *
     * @param name what the file calls the model
     * @param templates chat templates by name, {@code default} among them; empty without
     * @param type F32, F16, BF16, Q8_0, Q4_0 or Q4_1
     * @throws AlignException if the file exists, or for a model that a GGUF file cannot express
     */
    public static void write(ModelFolder folder, String name, Map<String, String> templates, GgufType type, Path file) {
        if (Files.exists(file)) {
            throw AlignException.usage(OneLine.text(file) + ": exists already; choose another file or remove this one");
        }
        new GgufExport(folder, type).write(name, templates, file);
    }

    private void write(String name, Map<String, String> templates, Path file) {
        Architecture.Dimensions dimensions = architecture.dimensions();
        GgufKeys keys = new GgufKeys(
                family,
                folder.config(),
                new GgufKeys.Numbers(
                        dimensions.vocabSize(),
                        dimensions.hiddenSize(),
                        dimensions.layers(),
                        dimensions.heads(),
                        dimensions.kvHeads(),
                        dimensions.headWidth()),
                OneLine.text(folder.configName()));
        Map<String, Object> metadata = general(name);
        metadata.putAll(keys.keys());
        metadata.putAll(vocabulary(templates));

        List<String> names = new ArrayList<>();
        List<GgufTensor> infos = new ArrayList<>();
        for (Map.Entry<String, long[]> tensor : architecture.tensors().entrySet()) {
            names.add(tensor.getKey());
            infos.add(info(tensor.getKey(), tensor.getValue()));
        }
        keys.ropeDivisors()
                .ifPresent(divisors -> infos.add(
                        new GgufTensor(GgufFamily.ROPE_DIVISORS, GgufType.F32, new long[] {divisors.length}, 0)));
        List<GgufTensor> tensors = GgufWriter.placed(infos);
        byte[] head = GgufWriter.head(metadata, tensors);
        GgufTensor last = tensors.get(tensors.size() - 1);
        AtomicFiles.write(file, head.length + last.offset() + last.byteCount(), channel -> {
            channel.write(ByteBuffer.wrap(head));
            for (int i = 0; i < tensors.size(); i++) {
                if (i < names.size()) {
                    writeTensor(names.get(i), tensors.get(i).type(), channel);
                } else {
                    float[] divisors = keys.ropeDivisors().orElseThrow();
                    channel.write(encoded(divisors, GgufType.F32));
                }
                long end = tensors.get(i).byteCount();
                channel.write(ByteBuffer.allocate((int) (GgufWriter.aligned(end) - end)));
            }
        });
    }

    private Map<String, Object> general(String name) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", family.architecture());
        metadata.put("general.type", "model");
        metadata.put("general.name", name);
        metadata.put("general.file_type", FILE_TYPES.get(type));
        if (type.isQuantised()) {
            metadata.put("general.quantization_version", 2);
        }
        return metadata;
    }

    private Map<String, Object> vocabulary(Map<String, String> templates) {
        GgufVocabulary.Files files = new GgufVocabulary.Files(
                folder.json("tokenizer.json")
                        .orElseThrow(() -> AlignException.badInput(OneLine.text(folder.path())
                                + ": there is no tokenizer.json, which the file needs; in Python,"
                                + " AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER) writes one")),
                List.of(json("tokenizer_config.json"), json("special_tokens_map.json")),
                List.of(folder.config(), json("generation_config.json")));
        String where = OneLine.text(folder.path().resolve("tokenizer.json"));
        return GgufVocabulary.keys(files, architecture.dimensions().vocabSize(), templates, where);
    }

    private JsonNode json(String name) {
        return folder.json(name).map(JsonNode.class::cast).orElse(MissingNode.getInstance());
    }

    private GgufTensor info(String name, long[] shape) {
        String written = family.ggufName(name)
                .orElseThrow(
                        () -> AlignException.badInput(OneLine.text(folder.path()) + ": tensor " + OneLine.name(name)
                                + " has no name in a GGUF file of this family; keep the Hugging Face folder"));
        GgufType stored = type;
        if (shape.length < 2) {
            stored = GgufType.F32;
        } else if (shape[shape.length - 1] % type.blockSize() != 0) {
            stored = GgufType.F16;
        }
        return new GgufTensor(written, stored, shape, 0);
    }

    /** Piece by piece: a head of queries or keys, whose rows are paired, or else some rows. */
    private void writeTensor(String name, GgufType stored, WritableByteChannel channel) throws IOException {
        long[] shape = architecture.tensors().get(name);
        Architecture.Part place = places.get(name);
        SafetensorsDtype dtype = folder.tensors().get(place.tensor()).dtype();
        boolean paired = family.pairsRows(name);
        long row = shape.length == 1 ? 1 : shape[1];
        long piece = paired ? architecture.dimensions().headWidth() * row : Math.max(1, PIECE / row) * row;
        long count = shape[0] * row;
        for (long from = 0; from < count; from += piece) {
            int length = Math.toIntExact(Math.min(piece, count - from));
            float[] values = read(place, from, length, dtype);
            for (int i = 0; i < length; i++) {
                values[i] += family.shift(name);
                if (!Float.isFinite(values[i])) {
                    throw AlignException.badInput(OneLine.text(folder.fileOf(place.tensor())) + ": tensor "
                            + OneLine.name(name) + " holds " + values[i]
                            + ", which cannot be exported; take a checkpoint from before the training failed");
                }
            }
            channel.write(encoded(paired ? paired(values, (int) row) : values, stored));
        }
    }

    private float[] read(Architecture.Part place, long from, int length, SafetensorsDtype dtype) {
        long first = (place.first() + from) * dtype.bytes();
        float[] values = new float[length];
        int at = 0;
        for (ByteBuffer chunk : folder.chunks(place.tensor(), first, (long) length * dtype.bytes())) {
            float[] decoded = FloatBytes.decode(chunk, dtype);
            System.arraycopy(decoded, 0, values, at, decoded.length);
            at += decoded.length;
        }
        return values;
    }

    /** Rows i and i + width / 2 of a head become neighbours. */
    private static float[] paired(float[] rows, int row) {
        int half = rows.length / row / 2;
        float[] result = new float[rows.length];
        for (int i = 0; i < half; i++) {
            System.arraycopy(rows, i * row, result, 2 * i * row, row);
            System.arraycopy(rows, (half + i) * row, result, (2 * i + 1) * row, row);
        }
        return result;
    }

    private static ByteBuffer encoded(float[] values, GgufType type) {
        ByteBuffer bytes = ByteBuffer.allocate((int) type.bytes(values.length)).order(ByteOrder.LITTLE_ENDIAN);
        type.encode(values, bytes);
        return bytes.flip();
    }
}
