package org.align4j.text;

import java.util.List;
import org.align4j.template.Span;

/**
 * Token ids of a text and the pieces of the text that they stand for.
 *
 * @param ids without added special tokens
 * @param starts offset in code points of each token's piece
 * @param ends offset after it; pieces may overlap where one character has several tokens
 */
public record EncodedText(int[] ids, int[] starts, int[] ends) {

    /**
     * Which tokens stand in some pieces of the text: from the first token that has a piece's first character to the first
     * that has its last, as transformers' {@code return_assistant_tokens_mask} has it.
     *
     * @param spans in code points
     */
    public boolean[] within(List<Span> spans) {
        boolean[] within = new boolean[ids.length];
        for (Span span : spans) {
            int first = tokenAt(span.start());
            if (first < 0 || span.start() == span.end()) {
                continue;
            }
            int last = tokenAt(span.end() - 1);
            for (int i = first; i <= (last < 0 ? ids.length - 1 : last); i++) {
                within[i] = true;
            }
        }
        return within;
    }

    private int tokenAt(int codePoint) {
        for (int i = 0; i < ids.length; i++) {
            if (starts[i] <= codePoint && codePoint < ends[i]) {
                return i;
            }
        }
        return -1;
    }
}
