package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.model.Architectures;
import org.align4j.model.CausalLm;
import org.align4j.model.HfConfig;
import org.align4j.model.ScoreHead;
import org.align4j.tensor.Dtype;
import org.align4j.tensor.StepScope;
import org.align4j.tensor.Tensor;
import tools.jackson.databind.node.ObjectNode;

/**
 * From a model in memory to a Hugging Face folder: weights, a config.json that says their type, and the tokenizer and
 * generation files of the model it came from, unchanged. Of an adapted model only the adapter is written ({@link
 * AdapterFolder}).
 */
public final class ModelWriter {
    private static final int CHUNK = 64 << 20;

    private final ObjectNode config;
    private final String baseName; // what an adapter calls the model it belongs to
    private final Map<String, byte[]> carried = new LinkedHashMap<>();

    /** For a model made here. {@code carried}: contents by file name, such as tokenizer.json. */
    public ModelWriter(ObjectNode config, Map<String, byte[]> carried) {
        this.config = config.deepCopy();
        this.baseName = "";
        this.carried.putAll(carried);
    }

    /** Takes what must be carried over into memory now: the source may be gone when a long run ends. */
    public ModelWriter(ModelFolder source) {
        config = source.config().deepCopy();
        baseName = source.path().toAbsolutePath().normalize().toString();
        carried.putAll(source.carried());
    }

    /**
     * For a reward model of the source, which may be one already: transformers then loads it as a classifier.
     *
     * @param padId its padding token
     * @param more other keys of config.json: what transformers does not know
     */
    public ModelWriter scoring(ScoreHead.Shape shape, int padId, Map<String, String> more) {
        ModelWriter writer = new ModelWriter(this);
        String name = Architectures.scoringName(new HfConfig(config, "config.json"), shape.kind());
        writer.config.putArray("architectures").add(name);
        ObjectNode names = writer.config.putObject("id2label");
        ObjectNode ids = writer.config.putObject("label2id");
        for (int label = 0; label < shape.labels(); label++) {
            names.put(String.valueOf(label), "LABEL_" + label);
            ids.put("LABEL_" + label, label);
        }
        writer.config.put("pad_token_id", padId);
        more.forEach(writer.config::put);
        return writer;
    }

    /** The same with another chat template. Loaders look at this file first, wherever the source has its own. */
    public ModelWriter chatTemplate(String template) {
        ModelWriter writer = new ModelWriter(this);
        writer.carried.put("chat_template.jinja", template.getBytes(StandardCharsets.UTF_8));
        return writer;
    }

    private ModelWriter(ModelWriter other) {
        config = other.config.deepCopy();
        baseName = other.baseName;
        carried.putAll(other.carried);
    }

    /**
     * Writes all files, each of them atomically; config.json comes last, so that a folder with one has everything.
     *
     * @param dtype type of the written weights
     */
    public void write(Path folder, CausalLm model, Dtype dtype) {
        for (Map.Entry<String, byte[]> file : carried.entrySet()) {
            AtomicFiles.write(folder.resolve(file.getKey()), file.getValue());
        }
        if (model.lora().isPresent()) {
            AdapterFolder.write(folder, model, baseName, dtype);
            return;
        }
        List<TensorSource> tensors = new ArrayList<>();
        for (String name : model.parameters().names()) {
            tensors.add(source(name, model.parameters().stored(name), dtype));
        }
        SafetensorsWriter.writeModel(folder, tensors, SafetensorsWriter.DEFAULT_MAX_SHARD_SIZE);
        ObjectNode written = config.deepCopy();
        String typeName = dtype == Dtype.BF16 ? "bfloat16" : "float32";
        if (written.has("torch_dtype")) {
            written.put("torch_dtype", typeName);
        }
        if (written.has("dtype") || !written.has("torch_dtype")) {
            written.put("dtype", typeName);
        }
        JsonFiles.write(folder.resolve("config.json"), written);
    }

    /** A tensor to be written as another type, converted when its turn comes. */
    public static TensorSource source(String name, Tensor tensor, Dtype dtype) {
        return new TensorSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public SafetensorsDtype dtype() {
                return SafetensorsDtype.valueOf(dtype.name());
            }

            @Override
            public long[] shape() {
                return tensor.shape();
            }

            @Override
            public void writeTo(WritableByteChannel channel) throws IOException {
                try (StepScope scope = StepScope.open()) {
                    Tensor converted = tensor.to(dtype).contiguous();
                    long total = byteCount();
                    for (long from = 0; from < total; from += CHUNK) {
                        ByteBuffer bytes = converted.bytes(from, (int) Math.min(CHUNK, total - from));
                        channel.write(bytes);
                    }
                }
            }
        };
    }
}
