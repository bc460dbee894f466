package org.align4j.recipe;

import java.nio.file.Path;
import org.align4j.config.ConfigSchema;
import org.align4j.config.HubUse;
import org.align4j.config.Key;
import org.align4j.gguf.GgufType;

/** What {@code align4j export gguf} can be told. */
public record ExportConfig(
        @Key(doc = "folder of the Hugging Face model, or a GGUF file", required = true, hub = HubUse.MODEL)
        Path model,

        @Key(doc = "file to write, which must not exist yet", required = true)
        Path output,

        @Key(
                value = "q8_0",
                doc = "what matrices become: f32, f16 and bf16 keep or round every weight, the others share a scale"
                        + " among 32 (8.5, 5 and 4.5 bits a weight)")
        Type type) {

    /** The keys. */
    public static final ConfigSchema<ExportConfig> SCHEMA = new ConfigSchema<>(ExportConfig.class);

    /** What can be written. */
    public enum Type {
        F32(GgufType.F32),
        F16(GgufType.F16),
        BF16(GgufType.BF16),
        Q8_0(GgufType.Q8_0),
        Q4_1(GgufType.Q4_1),
        Q4_0(GgufType.Q4_0);

        private final GgufType stored;

        Type(GgufType stored) {
            this.stored = stored;
        }

        GgufType stored() {
            return stored;
        }
    }
}
