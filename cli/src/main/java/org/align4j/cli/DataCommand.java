package org.align4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.recipe.InspectConfig;
import org.align4j.recipe.InspectRecipe;

/** {@code align4j data inspect FILE}. */
final class DataCommand implements Command {
    private static final String INSPECT = "inspect";

    @Override
    public String name() {
        return "data";
    }

    @Override
    public String summary() {
        return "data inspect FILE: lengths, repetitions and leakage of preferences, and a row as tokens";
    }

    @Override
    public int run(List<String> args) {
        List<String> keys = new ArrayList<>(args);
        if (!List.of("--help", "-h").contains(args.isEmpty() ? "" : args.get(0))) {
            if (args.isEmpty() || !args.get(0).equals(INSPECT)) {
                throw AlignException.usage("data " + (args.isEmpty() ? "" : args.get(0)).strip()
                        + ": expected data inspect FILE; see align4j data --help");
            }
            keys.remove(0);
            if (!keys.isEmpty() && !keys.get(0).startsWith("-")) {
                keys.add(0, "--data");
            }
        }
        Optional<InspectConfig> config = CommandArguments.parse(this, InspectConfig.SCHEMA, keys);
        if (config.isPresent()) {
            try (Console console = new Console()) {
                InspectRecipe.run(config.get(), System.out, colours(), console);
            }
        }
        return 0;
    }

    private static boolean colours() {
        return System.console() != null && System.getenv("NO_COLOR") == null;
    }
}
