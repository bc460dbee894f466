package org.align4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.recipe.ConvertConfig;
import org.align4j.recipe.ConvertRecipe;
import org.align4j.recipe.InspectConfig;
import org.align4j.recipe.InspectRecipe;

/** {@code align4j data inspect FILE …} and {@code align4j data convert}. */
final class DataCommand implements Command {
    private static final String INSPECT = "inspect";
    private static final String CONVERT = "convert";
    private static final Command INSPECTION =
            new Part("data inspect", "Say what is in a dataset, and show a row as tokens");
    private static final Command CONVERSION = new Part("data convert", "Write a dataset as one of another type");

    /** One of the two for help and messages. */
    private record Part(String name, String summary) implements Command {
        @Override
        public int run(List<String> args) {
            throw new UnsupportedOperationException("a part of a command");
        }
    }

    @Override
    public String name() {
        return "data";
    }

    @Override
    public String summary() {
        return "data inspect FILE …: what is in a dataset, and a row as tokens; data convert: write it as another type";
    }

    @Override
    public int run(List<String> args) {
        String verb = args.isEmpty() ? "" : args.get(0);
        List<String> given = args.subList(Math.min(1, args.size()), args.size());
        List<String> files =
                given.stream().takeWhile(word -> !word.startsWith("-")).toList();
        List<String> keys = new ArrayList<>(files.isEmpty() ? List.of() : List.of("--data", String.join(",", files)));
        keys.addAll(given.subList(files.size(), given.size()));
        switch (verb) {
            case INSPECT -> inspect(keys);
            case CONVERT -> convert(keys);
            case "--help", "-h" -> {
                inspect(args);
                convert(args);
            }
            default ->
                throw AlignException.usage("data " + verb.strip()
                        + ": expected data inspect FILE …, or data convert FILE --to TYPE --output FILE; see align4j data"
                        + " inspect --help and align4j data convert --help");
        }
        return 0;
    }

    private void inspect(List<String> keys) {
        Optional<InspectConfig> config = CommandArguments.parse(INSPECTION, InspectConfig.SCHEMA, keys);
        if (config.isPresent()) {
            try (Console console = new Console()) {
                InspectRecipe.run(config.get(), System.out, colours(), console);
            }
        }
    }

    private void convert(List<String> keys) {
        Optional<ConvertConfig> config = CommandArguments.parse(CONVERSION, ConvertConfig.SCHEMA, keys);
        if (config.isPresent()) {
            try (Console console = new Console()) {
                ConvertRecipe.run(config.get(), console);
            }
        }
    }

    private static boolean colours() {
        return System.console() != null && System.getenv("NO_COLOR") == null;
    }
}
