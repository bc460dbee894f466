package org.align4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Three kinds of tokenizer against transformers. */
class TokenizerGoldensTest {
    private static final Path GOLDENS = Path.of("src/test/resources/golden/tokenizers");

    @ParameterizedTest
    @ValueSource(strings = {"gpt2_style", "llama2_style", "llama3_style"})
    void idsAndTextsEqual(String name) throws IOException {
        JsonNode golden =
                new JsonMapper().readTree(Files.readString(GOLDENS.resolve(name).resolve("golden.json")));
        try (Tokenizer tokenizer = Tokenizer.load(GOLDENS.resolve(name))) {
            assertThat(tokenizer.eosId()).isEqualTo(golden.get("eos_token_id").intValue());
            for (JsonNode each : golden.get("cases")) {
                String text = each.get("text").stringValue();
                List<Integer> ids = ints(each.get("ids"));
                boolean writesItsOwnBeginning = golden.get("bos_token_id").isIntegralNumber()
                        && ids.size() > 1
                        && ids.get(0).equals(ids.get(1))
                        && ids.get(0) == golden.get("bos_token_id").intValue();
                if (writesItsOwnBeginning) {
                    ids.remove(0); // transformers doubles it
                }
                assertThat(tokenizer.encode(text)).as(text).containsExactly(array(ids));
                List<Integer> plain = ints(each.get("ids_without_special"));
                assertThat(tokenizer.encodeWithoutSpecialTokens(text)).as(text).containsExactly(array(plain));
                assertThat(tokenizer.decode(array(ids), true))
                        .isEqualTo(each.get("decoded").stringValue());
            }
        }
    }

    private static List<Integer> ints(JsonNode list) {
        List<Integer> values = new ArrayList<>();
        list.forEach(value -> values.add(value.intValue()));
        return values;
    }

    private static int[] array(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
