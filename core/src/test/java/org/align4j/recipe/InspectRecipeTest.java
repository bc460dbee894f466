package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.align4j.config.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectRecipeTest {
    @TempDir
    private Path folder;

    private Path write(String name, String... rows) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, String.join("\n", rows).replace('\'', '"'));
        return file;
    }

    private static String inspect(boolean colours, Object... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put(keysAndValues[i].toString(), new Setting(keysAndValues[i + 1].toString(), "test"));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        InspectRecipe.run(
                InspectConfig.SCHEMA.read(settings),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                colours,
                Runs.listener());
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void countsWhatIsThere() throws IOException {
        Path train = write(
                "train.jsonl",
                "{'prompt':'aaaa','chosen':'bbbbbbb','rejected':'c'}",
                "{'prompt':'aaaa','chosen':'bbbbbbb','rejected':'c'}",
                "{'prompt':'aaaa','chosen':'b','rejected':'ccc'}",
                "{'prompt':'','completions':['x','yy','zzz'],'ranks':[1,2,2]}",
                "{'prompt':'broken'}");
        Path held = write(
                "held.jsonl",
                "{'prompt':'aaaa','chosen':'b','rejected':'c'}",
                "{'prompt':'new','chosen':'b','rejected':'c'}");
        assertThat(inspect(false, "data", train, "eval_data", held))
                .contains("train.jsonl: 5 rows\n  1 row skipped")
                .contains("  4 good rows: plain text\n  3 with 2 completions\n  1 with 3 completions\n")
                .contains("  1 rows stand here twice; 1 more have the prompt of an earlier row\n")
                .contains("  1 of 2 rows have a prompt of the training data\n")
                .contains("prompts in characters: shortest 0, median 4, 90 % up to 4, longest 4\n")
                .contains("completions in characters: shortest 1, median 2, 90 % up to 7, longest 7\n")
                // Better minus worse: 6, 6, −2, −1, −2.
                .contains("longer in 40.0 % of 5 pairs and shorter in 60.0 %; on average it has +1.4 characters.");
    }

    @Test
    void showsARowAsTokens() throws IOException {
        Path model = Path.of("src/test/resources/golden/trl/model");
        Path data = write("t.jsonl", "{'prompt':'the cat','chosen':' sat','rejected':' ran off'}");
        String plain = inspect(false, "data", data, "model", model);
        assertThat(plain)
                .contains("For training at max_length = 1024:\n  1 of 1 rows kept")
                .contains("|");
        String shown = inspect(true, "data", data, "model", model);
        assertThat(shown).contains("\u001b[2m").contains("\u001b[30;46m");
        String text = shown.substring(shown.indexOf("prompt, ")).replaceAll("\u001b\\[[0-9;]*m", "");
        assertThat(text).contains("the cat").contains(" sat").contains(" ran off");
    }
}
