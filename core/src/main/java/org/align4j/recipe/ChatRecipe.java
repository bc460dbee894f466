package org.align4j.recipe;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.Setting;
import org.align4j.tensor.Dtype;

/** A conversation with a model, or with two side by side. */
public final class ChatRecipe {
    private static final String HELP = """
            /retry            answer the last question again
            /reset            forget the conversation
            /set KEY VALUE    change temperature, top_p, top_k, min_p, repetition_penalty, max_new_tokens or seed
            /exit             end, as does the end of the input
            """;

    private static final List<String> CHANGEABLE =
            List.of("temperature", "top_p", "top_k", "min_p", "repetition_penalty", "max_new_tokens", "seed");

    private final PrintStream out;
    private final RunListener listener;
    private final Map<String, ChatPartner> partners = new LinkedHashMap<>(); // by the name before their answers
    private ChatConfig config;
    private int turn;

    private ChatRecipe(ChatConfig config, PrintStream out, RunListener listener) {
        this.config = config;
        this.out = out;
        this.listener = listener;
    }

    /** Reads lines, each a message or a command that begins with a slash, and writes answers as they come. */
    public static void run(ChatConfig config, BufferedReader in, PrintStream out, RunListener listener) {
        ChatRecipe chat = new ChatRecipe(HubFiles.local(ChatConfig.SCHEMA, config, listener), out, listener);
        try {
            chat.open();
            chat.talk(in);
        } catch (IOException e) {
            throw AlignException.failure("reading what you write failed: " + e, e);
        } finally {
            chat.partners.values().forEach(ChatPartner::close);
        }
    }

    private void open() {
        List<Map<String, Object>> first = config.system()
                .map(text -> List.of(ChatPartner.message("system", text)))
                .orElse(List.of());
        Dtype dtype = config.dtype().resolve();
        partners.put(
                "",
                new ChatPartner(
                        ModelChoice.of(config.model(), config.adapter(), listener),
                        config.chatTemplate(),
                        first,
                        dtype));
        if (config.compare().isPresent()) {
            ChatPartner one = partners.remove("");
            partners.put("[" + nameOf(config.adapter().orElse(config.model())) + "] ", one);
            ModelChoice other = ModelChoice.of(config.compare().get(), Optional.empty(), listener);
            partners.put(
                    "[" + nameOf(config.compare().get()) + "] ",
                    new ChatPartner(other, Optional.empty(), first, dtype));
        }
    }

    private static String nameOf(Path model) {
        return HubFiles.named(model, model);
    }

    private void talk(BufferedReader in) throws IOException {
        out.println("Write a message; /help lists commands.");
        while (true) {
            out.print("> ");
            out.flush();
            String line = in.readLine();
            if (line == null || line.strip().equals("/exit")) {
                out.println();
                return;
            }
            try {
                if (line.startsWith("/")) {
                    command(line.strip());
                } else if (!line.isBlank()) {
                    ask(line);
                }
            } catch (AlignException e) {
                out.println(e.getMessage());
            }
        }
    }

    private void command(String line) {
        String[] words = line.split("\\s+", 3);
        switch (words[0]) {
            case "/help" -> out.print(HELP);
            case "/reset" -> partners.values().forEach(ChatPartner::forget);
            case "/retry" -> {
                String asked = "";
                for (ChatPartner partner : partners.values()) {
                    asked = partner.takeBack();
                }
                if (asked.isEmpty()) {
                    out.println("there is no answer to give again");
                } else {
                    ask(asked);
                }
            }
            case "/set" -> {
                if (words.length < 3 || !CHANGEABLE.contains(words[1].replace('-', '_'))) {
                    throw AlignException.usage("expected /set with one of " + String.join(", ", CHANGEABLE)
                            + " and a value, such as /set temperature 0.5");
                }
                config = changed(words[1].replace('-', '_'), words[2]);
            }
            default -> throw AlignException.usage("there is no command " + words[0] + "; /help lists them");
        }
    }

    private ChatConfig changed(String key, String value) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        ChatConfig.SCHEMA.toMap(config).forEach((name, old) -> settings.put(name, new Setting(old.toString(), "chat")));
        settings.put(key, new Setting(value, "/set"));
        return ChatConfig.SCHEMA.read(settings);
    }

    private void ask(String text) {
        turn++;
        partners.forEach((name, partner) -> {
            out.print(name);
            boolean ended = partner.answer(text, config.sampling(turn), piece -> {
                out.print(piece);
                out.flush();
                if (listener.stopRequested()) {
                    throw new RunInterrupted();
                }
            });
            out.println();
            out.flush();
            if (!ended) {
                listener.message(name + "(cut at max_new_tokens " + config.maxNewTokens()
                        + "; for more /set max_new_tokens and /retry)");
            }
        });
    }
}
