package org.align4j.cli;

import java.util.List;
import org.align4j.AlignException;
import org.align4j.Version;
import org.align4j.config.EditDistance;
import org.align4j.recipe.RunInterrupted;

/** The entry point of {@code ./align4j}: finds the command, runs it, and turns what went wrong into a line and a code. */
public final class Align4j {
    /** In the order of the help. A command's classes are loaded when it is named, which keeps {@code --help} quick. */
    private static final List<Command> COMMANDS = List.of(
            new QuickstartCommand(),
            TrainingCommand.sft(),
            TrainingCommand.dpo(),
            TrainingCommand.orpo(),
            TrainingCommand.kto(),
            TrainingCommand.reward(),
            TrainingCommand.prm(),
            new ScoreCommand(),
            new GenerateCommand(),
            new ChatCommand(),
            new DataCommand(),
            new MergeCommand(),
            new ExportCommand(),
            new TemplateCommand());

    private Align4j() {}

    public static void main(String[] args) {
        int code = run(args);
        System.out.flush();
        System.exit(code);
    }

    static int run(String[] args) {
        try {
            if (args.length == 0 || List.of("--help", "-h", "help").contains(args[0])) {
                printHelp();
                return args.length == 0 ? AlignException.Kind.USAGE.exitCode() : 0;
            }
            if (List.of("--version", "-V").contains(args[0])) {
                System.out.println("align4j " + Version.TEXT);
                return 0;
            }
            return command(args[0]).run(List.of(args).subList(1, args.length));
        } catch (AlignException e) {
            return fail(e, e.getMessage(), e.kind().exitCode());
        } catch (RunInterrupted e) {
            return fail(e, "stopped before there was anything to save", Interrupt.exitCodeOfProcess());
        } catch (OutOfMemoryError e) {
            return fail(e, "out of memory; lower --tokens-per-microbatch or --train-batch-size", 1);
        } catch (RuntimeException | Error e) {
            if (String.valueOf(e.getMessage()).contains("can't allocate memory")) {
                return fail(e, "out of memory; lower --tokens-per-microbatch", 1);
            }
            String text = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            return fail(
                    e,
                    "internal error: " + e.getClass().getSimpleName() + ": " + text
                            + "; please report it with what ALIGN4J_DEBUG=1 prints",
                    1);
        }
    }

    private static int fail(Throwable cause, String message, int code) {
        System.err.println("align4j: " + message);
        if (System.getenv("ALIGN4J_DEBUG") != null) {
            cause.printStackTrace();
        }
        return code;
    }

    private static Command command(String name) {
        Command nearest = COMMANDS.get(0);
        for (Command command : COMMANDS) {
            if (command.name().equals(name)) {
                return command;
            }
            if (EditDistance.between(name, command.name()) < EditDistance.between(name, nearest.name())) {
                nearest = command;
            }
        }
        throw AlignException.usage(
                "unknown command " + name + "; did you mean " + nearest.name() + "? See align4j --help");
    }

    private static void printHelp() {
        System.out.println("align4j: preference alignment of language models on the JVM\n");
        System.out.println("Usage: align4j COMMAND [--key value ...]\n");
        for (Command command : COMMANDS) {
            System.out.printf("  %-11s %s%n", command.name(), command.summary());
        }
        System.out.println("\nalign4j COMMAND --help lists the keys of a command.");
        System.out.println(
                "Exit codes: 0 done, 1 failure, 2 usage, 3 bad data or model, 130 or 143 stopped by a signal.");
        System.out.println("ALIGN4J_DEBUG=1 prints stack traces; NO_COLOR=1 prints no colours.");
    }
}
