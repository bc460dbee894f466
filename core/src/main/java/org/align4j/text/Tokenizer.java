package org.align4j.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import org.align4j.AlignException;

/**
 * A model's tokenizer: text to token ids and back, by Hugging Face's own library, so that ids equal those of
 * transformers. Nothing is ever truncated or padded here, whatever tokenizer.json asks for.
 *
 * <p>tokenizer.json alone decides the ids, as in {@code PreTrainedTokenizerFast} and in transformers 4. For a few classes
 * named in tokenizer_config.json, {@code GPT2Tokenizer} among them, transformers 5 puts a pre-tokenizer of its own in the
 * place of the file's; where the two differ, so do the ids.
 *
 * <p>Encoding and decoding may go on in several threads at once; nothing may follow {@link #close()}.
 */
public final class Tokenizer implements AutoCloseable {
    private final Path folder;
    private final HuggingFaceTokenizer tokenizer;
    private final int vocabSize;
    private final OptionalInt bosId;
    private final OptionalInt eosId;
    private final OptionalInt padId;
    private final boolean cleansUpSpaces;
    private final String hash;

    private Tokenizer(Path folder, HuggingFaceTokenizer tokenizer, TokenizerFiles files) {
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.vocabSize = files.vocabSize();
        this.bosId = files.specialId("bos");
        this.eosId = files.specialId("eos");
        this.padId = files.specialId("pad");
        this.cleansUpSpaces = files.cleansUpSpaces();
        this.hash = files.hash();
    }

    /**
     * Reads tokenizer.json, and beside it tokenizer_config.json, special_tokens_map.json, config.json and
     * generation_config.json where present: they say which tokens begin and end a text.
     *
     * @param modelFolder a Hugging Face model folder, or a GGUF file
     * @throws AlignException if there is no tokenizer.json, if a file is damaged, or if the native library does not load
     */
    public static Tokenizer load(Path modelFolder) {
        TokenizerFiles files = new TokenizerFiles(modelFolder);
        NativeTokenizers.load();
        HuggingFaceTokenizer tokenizer;
        try {
            tokenizer = HuggingFaceTokenizer.newInstance(
                    files.tokenizerJson(), Map.of("truncation", "do_not_truncate", "padding", "do_not_pad"));
        } catch (IOException | RuntimeException e) {
            throw AlignException.badInput(
                    files.tokenizerPath() + ": the tokenizers library does not accept this file: "
                            + NativeTokenizers.oneLine(e) + "; save it again with a current transformers",
                    e);
        }
        try {
            return new Tokenizer(modelFolder, tokenizer, files);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /**
     * The ids of a text with the special tokens that the tokenizer's template adds, as transformers gives them with
     * {@code add_special_tokens=True}, except for two things that spoil training: an end-of-text token appended by the
     * template is left off (a prompt must go on), and a leading token that the text already spells out is not doubled
     * (chat templates write it).
     */
    public int[] encode(String text) {
        Encoding encoding = tokenizer.encode(text, true, false);
        long[] ids = encoding.getIds();
        long[] added = encoding.getSpecialTokenMask(); // 1 where the template put the token, 0 where the text did
        int from = 0;
        int to = ids.length;
        if (ids.length > 1 && added[0] == 1 && added[1] == 0 && ids[0] == ids[1]) {
            from = 1;
        }
        if (to > from && eosId.isPresent() && added[to - 1] == 1 && ids[to - 1] == eosId.getAsInt()) {
            to--;
        }
        return toInts(Arrays.copyOfRange(ids, from, to));
    }

    /** The ids of the text alone. Special tokens that the text spells out are still recognised. */
    public int[] encodeWithoutSpecialTokens(String text) {
        return toInts(tokenizer.encode(text, false, false).getIds());
    }

    /** {@link #encodeWithoutSpecialTokens} with the place of every token in the text. */
    public EncodedText encodeWithPlaces(String text) {
        Encoding encoding = tokenizer.encode(text, false, false);
        CharSpan[] spans = encoding.getCharTokenSpans();
        int[] starts = new int[spans.length];
        int[] ends = new int[spans.length];
        for (int i = 0; i < spans.length; i++) {
            starts[i] = spans[i].getStart();
            ends[i] = spans[i].getEnd();
        }
        return new EncodedText(toInts(encoding.getIds()), starts, ends);
    }

    /**
     * The text of some ids, as transformers' {@code decode} gives it.
     *
     * @param skipSpecialTokens whether to leave out special tokens instead of spelling them
     */
    public String decode(int[] ids, boolean skipSpecialTokens) {
        String text = tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecialTokens);
        return cleansUpSpaces ? cleanUpSpaces(text) : text;
    }

    /** One more than the largest id. A model's embedding may have more rows than this, never fewer. */
    public int vocabSize() {
        return vocabSize;
    }

    /** The token that begins a text, if the model has one. */
    public OptionalInt bosId() {
        return bosId;
    }

    /**
     * The token that ends a text.
     *
     * @throws AlignException if the model's files name none
     */
    public int eosId() {
        return eosId.orElseThrow(() -> AlignException.badInput(
                folder + ": no end-of-text token was found, expected eos_token in tokenizer_config.json (a token of the"
                        + " vocabulary) or eos_token_id in config.json; add one of them"));
    }

    /** The token that fills up shorter texts, where files name one. */
    public OptionalInt padId() {
        return padId;
    }

    /**
     * SHA-256 in hexadecimal of tokenizer.json, tokenizer_config.json and special_tokens_map.json: changes when ids may.
     */
    public String hash() {
        return hash;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    /** What transformers does for {@code clean_up_tokenization_spaces}, in its order. */
    private static String cleanUpSpaces(String text) {
        return text.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }

    private static int[] toInts(long[] ids) {
        int[] result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            result[i] = Math.toIntExact(ids[i]);
        }
        return result;
    }
}
