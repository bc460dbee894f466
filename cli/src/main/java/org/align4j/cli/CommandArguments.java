package org.align4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.align4j.AlignException;
import org.align4j.config.ConfigSchema;
import org.align4j.config.ConfigSchema.KeyInfo;
import org.align4j.config.Setting;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The arguments of a command: every configuration key is an option, {@code --learning-rate} and {@code --learning_rate}
 * alike, and {@code --config FILE} reads the same keys from YAML. Options win over the file.
 */
final class CommandArguments {
    private CommandArguments() {}

    /** The configuration, or nothing if the help was asked for and printed. */
    static <T extends Record> Optional<T> parse(Command command, ConfigSchema<T> schema, List<String> args) {
        Set<String> keys = schema.keys().stream().map(KeyInfo::name).collect(Collectors.toSet());
        Map<String, Setting> given = new LinkedHashMap<>();
        List<String> own = ForeignOptions.takeOut(args, keys, given);
        CommandSpec spec = spec(command, schema);
        CommandLine commandLine = new CommandLine(spec);
        commandLine.setOverwrittenOptionsAllowed(false);
        ParseResult parsed;
        try {
            parsed = commandLine.parseArgs(normalized(own, schema).toArray(new String[0]));
        } catch (UnmatchedArgumentException e) {
            String first = e.getUnmatched().get(0);
            if (!first.startsWith("--")) {
                throw AlignException.usage("unexpected \"" + first + "\", expected --key value; try align4j "
                        + command.name() + " --help");
            }
            String option = first.split("=", 2)[0];
            throw schema.unknown(option.substring(2), option);
        } catch (MissingParameterException e) {
            throw AlignException.usage(e.getMissing().get(0).paramLabel() + " is missing after "
                    + ((OptionSpec) e.getMissing().get(0)).longestName() + "; try align4j " + command.name()
                    + " --help");
        } catch (ParameterException e) {
            throw AlignException.usage(e.getMessage() + "; try align4j " + command.name() + " --help");
        }
        if (parsed.isUsageHelpRequested()) {
            commandLine.usage(System.out);
            return Optional.empty();
        }
        Map<String, Setting> settings = new LinkedHashMap<>();
        boolean dataGiven =
                given.containsKey("dataset_name") || keys.contains("data") && parsed.hasMatchedOption("--data");
        if (parsed.hasMatchedOption("--config")) {
            Path file = Path.of(parsed.matchedOptionValue("--config", ""));
            YamlConfig.Contents recipe = YamlConfig.read(file);
            recipe.settings().keySet().removeAll(given.keySet()); // options win, also over what is refused
            settings.putAll(
                    RecipeKeys.translate(recipe, keys, dataGiven, line -> System.err.println(file + ": " + line)));
        }
        Map<String, Setting> empty = new LinkedHashMap<>(); // in a file that is as if it were not there
        for (KeyInfo key : schema.keys()) {
            if (parsed.hasMatchedOption(key.option())) {
                String value = String.join(
                        key.list() ? "," : "\n",
                        parsed.matchedOption(key.option()).stringValues());
                (value.isEmpty() ? empty : given).put(key.name(), new Setting(value, key.option()));
            }
        }
        Map<String, Setting> options = RecipeKeys.translate(
                new YamlConfig.Contents(given, Map.of()),
                keys,
                dataGiven,
                line -> System.err.println("options: " + line));
        options.putAll(empty);
        RecipeKeys.override(settings, options);
        RecipeKeys.batch(settings);
        T config = schema.read(settings);
        options.keySet().retainAll(keys); // but for those that make up the size of a step
        schema.requireEffect(config, options);
        return Optional.of(config);
    }

    private static <T extends Record> CommandSpec spec(Command command, ConfigSchema<T> schema) {
        CommandSpec spec = CommandSpec.create().name("align4j " + command.name());
        spec.usageMessage()
                .description(command.summary() + ".")
                .abbreviateSynopsis(true)
                .sortOptions(false)
                .width(110);
        for (KeyInfo key : schema.keys()) {
            String tail = key.required()
                    ? " (required)"
                    : key.defaultText().isEmpty() ? "" : " (default: " + key.defaultText() + ")";
            OptionSpec.Builder option = OptionSpec.builder(key.option())
                    .type(String.class)
                    .paramLabel("<" + key.type() + ">")
                    .hidden(key.fixed())
                    .description((key.doc() + tail).replace("%", "%%"));
            if (key.flag()) {
                option.arity("0..1").fallbackValue("true");
            } else if (key.repeatable()) {
                option.type(List.class).auxiliaryTypes(String.class);
            }
            spec.addOption(option.build());
        }
        spec.addOption(OptionSpec.builder("--config")
                .type(String.class)
                .paramLabel("<path>")
                .description("YAML file of these keys; options win over it")
                .build());
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("print this help")
                .build());
        return spec;
    }

    /** Underscores become hyphens, {@code --no-shuffle} becomes {@code --shuffle=false}. */
    private static <T extends Record> List<String> normalized(List<String> args, ConfigSchema<T> schema) {
        List<String> result = new ArrayList<>();
        for (String arg : args) {
            if (!arg.startsWith("--")) {
                result.add(arg);
                continue;
            }
            String[] parts = arg.split("=", 2);
            String option = parts[0].replace('_', '-');
            String value = parts.length == 2 ? "=" + parts[1] : "";
            for (KeyInfo key : schema.keys()) {
                if (key.flag() && option.equals("--no-" + key.option().substring(2)) && value.isEmpty()) {
                    option = key.option();
                    value = "=false";
                }
            }
            result.add(option + value);
        }
        return result;
    }
}
