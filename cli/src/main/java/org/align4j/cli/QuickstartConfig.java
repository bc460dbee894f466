package org.align4j.cli;

import java.nio.file.Path;
import org.align4j.config.ConfigSchema;
import org.align4j.config.Key;

/** What {@code align4j quickstart} can be told. */
public record QuickstartConfig(
        @Key(
                value = "align4j-quickstart",
                doc = "folder for the models and the data; one of an earlier quickstart is replaced")
        Path output,

        @Key(value = "42", doc = "seed of everything random")
        long seed) {

    static final ConfigSchema<QuickstartConfig> SCHEMA = new ConfigSchema<>(QuickstartConfig.class);
}
