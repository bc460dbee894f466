package org.align4j.text;

import static org.align4j.text.TinyTokenizer.writeFile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.align4j.AlignException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {
    @TempDir
    private Path folder;

    @Test
    void encodesWithTheTemplatesBosButWithoutItsEos() {
        try (Tokenizer tokenizer = Tokenizer.load(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.encode("abc")).containsExactly(1, 7, 5);
            assertThat(tokenizer.encode("")).containsExactly(1);
            assertThat(tokenizer.encodeWithoutSpecialTokens("abc")).containsExactly(7, 5);
            assertThat(tokenizer.encodeWithoutSpecialTokens("")).isEmpty();
        }
    }

    @Test
    void specialTokensWrittenInTheTextStayAndAreNotDoubled() {
        try (Tokenizer tokenizer = Tokenizer.load(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.encode("<s>ab")).containsExactly(1, 7);
            assertThat(tokenizer.encode("ab</s>")).containsExactly(1, 7, 2);
            assertThat(tokenizer.encode("<s>")).containsExactly(1);
            assertThat(tokenizer.encode("</s>")).containsExactly(1, 2);
        }
    }

    @Test
    void neitherTruncatesNorPadsThoughTheFileAsksForBoth() {
        try (Tokenizer tokenizer = Tokenizer.load(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.encode("abcabcabc")).containsExactly(1, 7, 5, 7, 5, 7, 5);
            assertThat(tokenizer.encode("a")).containsExactly(1, 3);
        }
    }

    @Test
    void charactersThatJavaWritesDifferentlyFromUtf8ComeThrough() {
        try (Tokenizer tokenizer = Tokenizer.load(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.encode("a😀\0b")).containsExactly(1, 3, 9, 10, 4);
            assertThat(tokenizer.decode(new int[] {3, 9, 10, 4}, true)).isEqualTo("a😀\0b");
        }
    }

    @Test
    void decodesWithAndWithoutSpecialTokens() {
        try (Tokenizer tokenizer = Tokenizer.load(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.decode(new int[] {1, 7, 5, 2}, true)).isEqualTo("abc");
            assertThat(tokenizer.decode(new int[] {1, 7, 5, 2}, false)).isEqualTo("<s>abc</s>");
            assertThat(tokenizer.decode(new int[0], true)).isEmpty();
        }
    }

    @Test
    void cleansUpSpacesOnlyWhenAskedToAndNeverForBpe() {
        writeFile(folder, "tokenizer.json", """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
                 "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
                 "model": {"type": "WordLevel", "vocab": {"Yes": 0, ",": 1, "it": 2, "'": 3, ".": 4}, "unk_token": "."}}
                """);
        int[] ids = {0, 1, 2, 4};
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            assertThat(tokenizer.encode("Yes, it.")).containsExactly(ids);
            assertThat(tokenizer.decode(ids, true)).isEqualTo("Yes , it .");
        }
        writeFile(folder, "tokenizer_config.json", "{\"clean_up_tokenization_spaces\": true}");
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            assertThat(tokenizer.decode(ids, true)).isEqualTo("Yes, it.");
        }
        TinyTokenizer.writeTokenizerJson(folder);
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            assertThat(tokenizer.decode(new int[] {3, 6, 11}, true)).isEqualTo("a .");
        }
    }

    @Test
    void specialTokensComeFromTheFirstFileThatKnowsThem() {
        TinyTokenizer.writeTokenizerJson(folder);
        writeFile(folder, "generation_config.json", "{\"eos_token_id\": 5, \"bos_token_id\": 6}");
        assertSpecial(6, 5);
        writeFile(folder, "config.json", "{\"eos_token_id\": [4, 2], \"bos_token_id\": null}");
        assertSpecial(6, 4);
        writeFile(folder, "special_tokens_map.json", "{\"eos_token\": {\"content\": \"c\", \"lstrip\": false}}");
        assertSpecial(6, 5);
        writeFile(folder, "tokenizer_config.json", "{\"eos_token\": \"</s>\", \"bos_token\": {\"content\": \"<s>\"}}");
        assertSpecial(1, 2);
        writeFile(folder, "tokenizer_config.json", "{\"eos_token\": \"<not in the vocabulary>\", \"bos_token\": null}");
        assertSpecial(6, 5);
    }

    private void assertSpecial(int bos, int eos) {
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            assertThat(tokenizer.bosId()).hasValue(bos);
            assertThat(tokenizer.eosId()).isEqualTo(eos);
        }
    }

    @Test
    void withoutAnyEosTheErrorComesWhenItIsNeeded() {
        TinyTokenizer.writeTokenizerJson(folder);
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            assertThat(tokenizer.bosId()).isEmpty();
            assertThat(tokenizer.encode("ab")).containsExactly(1, 7, 2); // nobody says that </s> is an end of text
            assertThatExceptionOfType(AlignException.class)
                    .isThrownBy(tokenizer::eosId)
                    .withMessage(folder
                            + ": no end-of-text token was found, expected eos_token in tokenizer_config.json (a token"
                            + " of the vocabulary) or eos_token_id in config.json; add one of them");
        }
    }

    @Test
    void vocabularySizeIsOneMoreThanTheLargestId() {
        try (Tokenizer tokenizer = Tokenizer.load(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.vocabSize()).isEqualTo(12);
        }
    }

    @Test
    void theHashChangesWithTheFilesAndOnlyWithThem(@TempDir Path copy) {
        String hash = hash(TinyTokenizer.write(folder));
        assertThat(hash).matches("[0-9a-f]{64}");
        assertThat(hash(TinyTokenizer.write(copy))).isEqualTo(hash);
        writeFile(copy, "config.json", "{}");
        assertThat(hash(copy)).isEqualTo(hash);
        writeFile(copy, "tokenizer_config.json", "{\"eos_token\": \"c\"}");
        assertThat(hash(copy)).isNotEqualTo(hash);
    }

    private static String hash(Path folder) {
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            return tokenizer.hash();
        }
    }

    @Test
    void manyThreadsGetTheIdsThatOneGets() {
        try (Tokenizer tokenizer = Tokenizer.load(TinyTokenizer.write(folder))) {
            List<String> texts = IntStream.range(0, 2000)
                    .mapToObj(i -> "abc ".repeat(i % 7) + "b".repeat(i % 5))
                    .toList();
            List<int[]> one = texts.stream().map(tokenizer::encode).toList();
            List<int[]> many = texts.parallelStream().map(tokenizer::encode).toList();
            for (int i = 0; i < texts.size(); i++) {
                assertThat(many.get(i)).isEqualTo(one.get(i));
            }
        }
    }

    @Test
    void aFolderWithoutTokenizerIsNamedWithTheRemedy() {
        assertBad(": there is no tokenizer.json, expected a Hugging Face model folder with a fast tokenizer; in Python,"
                + " AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER) writes one");
    }

    @Test
    void brokenFilesAreNamedWithLineAndColumn() {
        Path file = writeFile(folder, "tokenizer.json", "{\"model\":\n  {\"vocab\": oops}}");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> Tokenizer.load(folder))
                .withMessageStartingWith(file + ":2:")
                .withMessageContaining("broken JSON: Unrecognized token 'oops'")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(AlignException.Kind.BAD_INPUT))
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));

        writeFile(folder, "tokenizer.json", "{}");
        assertBad("/tokenizer.json: field model.vocab is missing, expected the vocabulary; download the file again");

        TinyTokenizer.write(folder);
        writeFile(folder, "tokenizer_config.json", "{\"eos_token\": ");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> Tokenizer.load(folder))
                .withMessageStartingWith(folder + "/tokenizer_config.json:1:");
    }

    @Test
    void aFileThatTheNativeLibraryRefusesIsAnErrorOfOneLine() {
        Path file = writeFile(folder, "tokenizer.json", "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}}}");
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> Tokenizer.load(folder))
                .withMessageStartingWith(file + ": the tokenizers library does not accept this file: ")
                .withMessageEndingWith("; save it again with a current transformers")
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    }

    private void assertBad(String message) {
        assertThatExceptionOfType(AlignException.class)
                .isThrownBy(() -> Tokenizer.load(folder))
                .withMessage(folder + message)
                .satisfies(e -> assertThat(e.kind()).isEqualTo(AlignException.Kind.BAD_INPUT));
    }
}
