package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class JsonProblemTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'a': 1 'b': 2} | found \", expected comma to separate Object entries",
                "{'a': tru} | found tru, expected a JSON value",
                "{'a': 1 | it ends too early",
                "{'a': é} | found é, expected a JSON value",
            })
    void isSaidWithoutTheLibrarysWords(String text, String problem) {
        JacksonException e =
                catchThrowableOfType(JacksonException.class, () -> new JsonMapper().readTree(text.replace('\'', '"')));
        assertThat(JsonProblem.of(e)).isEqualTo(problem);
    }
}
