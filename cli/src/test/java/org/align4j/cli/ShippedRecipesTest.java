package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.align4j.recipe.TrainingConfig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recipe that ships names its command in its head, and is one of that command. */
class ShippedRecipesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern COMMAND =
            Pattern.compile("^#   \\./align4j (sft|dpo) (--config recipes/(\\S+).*)$", Pattern.MULTILINE);
    private static final Map<String, TrainingCommand<?>> COMMANDS =
            Map.of("sft", TrainingCommand.sft(), "dpo", TrainingCommand.dpo());

    static Stream<Path> recipes() throws IOException {
        List<Path> files;
        try (Stream<Path> folder = Files.list(ROOT.resolve("recipes"))) {
            files = folder.filter(file -> file.toString().endsWith(".yaml")).toList();
        }
        assertThat(files).hasSizeGreaterThan(9);
        return files.stream();
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void itsCommandReadsIt(Path file) throws IOException {
        Matcher command = COMMAND.matcher(Files.readString(file));
        assertThat(command.find()).isTrue();
        assertThat(command.group(3)).isEqualTo(file.getFileName().toString());
        TrainingConfig config = read(
                COMMANDS.get(command.group(1)),
                Arrays.asList(
                        command.group(2).replace("recipes/", ROOT + "/recipes/").split(" ")));
        assertThat(config.maxLength()).isGreaterThanOrEqualTo(512);
    }

    private static <T extends Record> TrainingConfig read(TrainingCommand<T> command, List<String> args) {
        T config = CommandArguments.parse(command, command.schema().get(), args).orElseThrow();
        return command.training().apply(config);
    }
}
