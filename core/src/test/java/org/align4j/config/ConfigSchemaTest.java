package org.align4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;

class ConfigSchemaTest {
    public enum Colour {
        RED,
        DARK_BLUE
    }

    public record Sample(
            @Key(doc = "where", required = true) Path folder,

            @Key(value = "0.5", doc = "how fast") double learningRate,

            @Key(value = "3", doc = "how often") int steps,

            @Key(value = "true", doc = "whether") boolean shuffle,

            @Key(value = "red", doc = "which") Colour colour,

            @Key(doc = "what else") Optional<String> note) {
        public Sample {
            if (steps < 1) {
                throw AlignException.usage("steps is " + steps + ", expected 1 or more");
            }
        }
    }

    private static final ConfigSchema<Sample> SCHEMA = new ConfigSchema<>(Sample.class);

    private static Sample read(String... keysAndValues) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put(keysAndValues[i], new Setting(keysAndValues[i + 1], "run.yaml:" + (1 + i / 2)));
        }
        return SCHEMA.read(settings);
    }

    @Test
    void defaultsAndValuesOfEveryType() {
        assertThat(read("folder", "a/b"))
                .isEqualTo(new Sample(Path.of("a/b"), 0.5, 3, true, Colour.RED, Optional.empty()));
        assertThat(read(
                        "folder",
                        "x",
                        "learning-rate",
                        "1e-6",
                        "steps",
                        "7",
                        "shuffle",
                        "False",
                        "colour",
                        "dark-blue",
                        "note",
                        ""))
                .isEqualTo(new Sample(Path.of("x"), 1e-6, 7, false, Colour.DARK_BLUE, Optional.of("")));
    }

    @Test
    void mistakesAreNamedWithTheirPlace() {
        assertMistake("missing --folder; got no options, see --help");
        assertMistake("missing --folder; got --steps, see --help", "steps", "3");
        assertMistake(
                "run.yaml:2: unknown key learning_rat; did you mean learning_rate? --help lists all",
                "folder",
                "x",
                "learning_rat",
                "1");
        assertMistake("run.yaml:2: steps is \"2.5\", expected whole number", "folder", "x", "steps", "2.5");
        assertMistake("run.yaml:2: learning_rate is \"NaN\", expected number", "folder", "x", "learning_rate", "NaN");
        assertMistake("run.yaml:2: shuffle is \"yes\", expected true or false", "folder", "x", "shuffle", "yes");
        assertMistake("run.yaml:2: colour is \"green\", expected red, dark_blue", "folder", "x", "colour", "green");
        assertMistake("steps is 0, expected 1 or more", "folder", "x", "steps", "0");
        assertMistake(
                "run.yaml:3: learning_rate is given twice; leave one out",
                "folder",
                "x",
                "learning_rate",
                "1",
                "learning-rate",
                "2");
    }

    @Test
    void anUnknownKeyIsAnsweredInTheSpellingOfItsPlace() {
        assertThat(SCHEMA.unknown("learning-rat", "--learning-rat"))
                .hasMessage("--learning-rat: unknown option; did you mean --learning-rate? --help lists all");
        assertThat(SCHEMA.unknown("rate", "--rate"))
                .hasMessage("--rate: unknown option; did you mean --learning-rate? --help lists all");
        assertThat(SCHEMA.unknown("nose", "run.yaml:7"))
                .hasMessage("run.yaml:7: unknown key nose; did you mean note? --help lists all");
        assertThat(SCHEMA.unknown("warmth", "--warmth")).hasMessage("--warmth: unknown option; --help lists all");
    }

    @Test
    void aFixedKeyHasOneValue() {
        ConfigSchema<Sample> fixed = SCHEMA.fixing("use the other command", "steps=7", "note");
        Setting folder = new Setting("x", "test");
        assertThat(fixed.read(Map.of("folder", folder)).steps()).isEqualTo(7);
        assertThat(fixed.read(Map.of("folder", folder, "steps", new Setting("7", "run.yaml:1")))
                        .steps())
                .isEqualTo(7);
        assertThatThrownBy(() -> fixed.read(Map.of("folder", folder, "steps", new Setting("3", "--steps"))))
                .hasMessage("--steps: steps is 3, which does not go here; use the other command");
        assertThatThrownBy(() -> fixed.read(Map.of("folder", folder, "note", new Setting("n", "--note"))))
                .hasMessage("--note: note is n, which does not go here; use the other command");
        assertThat(fixed.unknown("stepz", "run.yaml:1")).hasMessage("run.yaml:1: unknown key stepz; --help lists all");
    }

    private static void assertMistake(String message, String... keysAndValues) {
        assertThatThrownBy(() -> read(keysAndValues))
                .isInstanceOf(AlignException.class)
                .hasMessage(message);
    }

    @Test
    void aRecordWrittenOutReadsBackAsItself() {
        Sample sample = new Sample(Path.of("x y"), 1e-6, 7, false, Colour.DARK_BLUE, Optional.of("n"));
        Map<String, Setting> settings = new LinkedHashMap<>();
        SCHEMA.toMap(sample).forEach((key, value) -> settings.put(key, new Setting(value.toString(), "test")));
        assertThat(SCHEMA.read(settings)).isEqualTo(sample);
        assertThat(SCHEMA.toMap(read("folder", "x"))).doesNotContainKey("note");
    }
}
