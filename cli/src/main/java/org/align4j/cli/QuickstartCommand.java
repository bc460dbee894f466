package org.align4j.cli;

import java.util.List;
import java.util.Optional;
import org.align4j.recipe.RunInterrupted;

/** {@code align4j quickstart}. */
final class QuickstartCommand implements Command {
    @Override
    public String name() {
        return "quickstart";
    }

    @Override
    public String summary() {
        return "See all of it in a minute or two, on a small world whose truth is known";
    }

    @Override
    public int run(List<String> args) {
        Optional<QuickstartConfig> config = CommandArguments.parse(this, QuickstartConfig.SCHEMA, args);
        if (config.isEmpty()) {
            return 0;
        }
        try (Console console = new Console()) {
            Quickstart.run(config.get(), console);
            return 0;
        } catch (RunInterrupted e) {
            System.err.println("stopped; the next quickstart begins anew and replaces what is in "
                    + config.get().output());
            return Interrupt.exitCodeOfProcess();
        }
    }
}
