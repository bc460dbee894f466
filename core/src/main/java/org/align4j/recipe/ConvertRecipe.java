package org.align4j.recipe;

import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import org.align4j.checkpoint.AtomicFiles;
import org.align4j.data.Chats;
import org.align4j.data.Conversion;
import org.align4j.data.Converter;
import org.align4j.data.RowFormat;

/** Writes rows of one type as rows of another. */
public final class ConvertRecipe {
    private ConvertRecipe() {}

    /** Tells the listener what was written and what was not. The output is there whole or not at all. */
    public static void run(ConvertConfig named, RunListener listener) {
        ConvertConfig config = HubFiles.local(ConvertConfig.SCHEMA, named, listener);
        Converter.requireOther(config.data(), config.output());
        Conversion conversion = new Conversion(
                config.to(),
                config.rankingPairs(),
                config.model().map(model -> Chats.of(GivenTemplate.orOwn(config.chatTemplate(), model))),
                config.conversational(),
                config.columns());
        Converter converter = new Converter(conversion, config.merge(), config.onBadRow());
        RowFormat format = RowFormat.of(config.output());
        List<String> lines = new ArrayList<>();
        AtomicFiles.write(
                config.output(),
                AtomicFiles.UNKNOWN_SIZE,
                channel -> lines.addAll(converter.convert(config.data(), format, Channels.newOutputStream(channel))));
        lines.forEach(listener::message);
    }
}
