package org.align4j.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.align4j.recipe.ChatConfig;
import org.align4j.recipe.ChatRecipe;

/** {@code align4j chat}. */
final class ChatCommand implements Command {
    @Override
    public String name() {
        return "chat";
    }

    @Override
    public String summary() {
        return "Talk with a model, or with two side by side";
    }

    @Override
    public int run(List<String> args) {
        Optional<ChatConfig> config = CommandArguments.parse(this, ChatConfig.SCHEMA, args);
        if (config.isPresent()) {
            try (Console console = new Console()) {
                // What people type is in the terminal's own encoding.
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, terminalCharset()));
                ChatRecipe.run(config.get(), in, System.out, console);
            }
        }
        return 0;
    }

    private static Charset terminalCharset() {
        String name = System.getProperty("stdin.encoding", System.getProperty("native.encoding", "UTF-8"));
        Charset charset = Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
        return charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset; // no locale is set
    }
}
