package org.align4j.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A tokenizer small enough to work out by hand: characters, and the pairs {@code ab} and {@code bc}, of which {@code ab}
 * is merged first. Its template wraps texts in {@code <s> … </s>}, and its file asks for truncation to four tokens and
 * for padding, as files in the wild do.
 *
 * <pre>
 * 0 &lt;unk&gt;  1 &lt;s&gt;  2 &lt;/s&gt;  3 a  4 b  5 c  6 space  7 ab  8 bc  9 😀  10 NUL  11 .
 * </pre>
 */
public final class TinyTokenizer {
    private static final String TOKENIZER = """
            {
              "version": "1.0",
              "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
              "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                          "pad_type_id": 0, "pad_token": "<unk>"},
              "added_tokens": [
                {"id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
                 "normalized": false, "special": true},
                {"id": 1, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                 "normalized": false, "special": true},
                {"id": 2, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false,
                 "normalized": false, "special": true}],
              "normalizer": null,
              "pre_tokenizer": null,
              "post_processor": {
                "type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                           {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]},
                                   "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
              "decoder": {"type": "Fuse"},
              "model": {
                "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
                "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "a": 3, "b": 4, "c": 5, " ": 6, "ab": 7, "bc": 8, "😀": 9,
                          "\\u0000": 10, ".": 11},
                "merges": ["a b", "b c"]}
            }
            """;

    private TinyTokenizer() {}

    /** Writes tokenizer.json and a tokenizer_config.json that names the special tokens. */
    public static Path write(Path folder) {
        writeTokenizerJson(folder);
        writeFile(folder, "tokenizer_config.json", "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        return folder;
    }

    static Path writeTokenizerJson(Path folder) {
        return writeFile(folder, "tokenizer.json", TOKENIZER);
    }

    static Path writeFile(Path folder, String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
