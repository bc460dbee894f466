package org.align4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GivenTemplateTest {
    private static final String TEMPLATE = "{% for m in messages %}{{ m.content }}{% endfor %}";

    @TempDir
    private Path folder;

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @Test
    void aFileIsATemplateOrTheJsonThatHasOne() throws IOException {
        String config = "{\"eos_token\": \"</s>\", \"chat_template\": \"" + TEMPLATE + "\"}";
        String several = "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"r\"},"
                + " {\"name\": \"default\", \"template\": \"" + TEMPLATE + "\"}]}";
        assertThat(GivenTemplate.text(file("a.jinja", TEMPLATE))).isEqualTo(TEMPLATE);
        assertThat(GivenTemplate.text(file("tokenizer_config.json", config))).isEqualTo(TEMPLATE);
        assertThat(GivenTemplate.text(file("several", several))).isEqualTo(TEMPLATE);
        assertThat(GivenTemplate.text(folder.toString())).isEqualTo(TEMPLATE); // its tokenizer_config.json
        String writesJson = "{\"role\": \"{% if a %}b{% endif %}\", {{ c }}}";
        assertThat(GivenTemplate.text(file("writes.jinja", writesJson))).isEqualTo(writesJson);
    }

    @Test
    void otherJsonIsNoTemplate() throws IOException {
        fails(
                file("config.json", "{\"model_type\": \"llama\"}"),
                "config.json: this is JSON without a chat_template, expected");
        fails(file("list.json", "[1]"), "list.json: this is JSON without a chat_template, expected");
        fails(file("broken.json", "{\"chat_template\": \"a"), "broken.json:1:", "broken JSON");
        fails(
                file("named", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"r\"}]}"),
                "named: this is JSON without a chat_template that is the default");
        fails(folder.toString(), "there is no chat template");
    }

    private static void fails(String given, String... message) {
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> GivenTemplate.text(given))
                .satisfies(e -> assertThat(e.getMessage()).contains(message));
    }
}
