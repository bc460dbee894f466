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
     * Which tokens stand in some pieces of the text, if only in part: as transformers' {@code return_assistant_tokens_mask}
     * has it. Older
     * releases leave out all but the first token of a span's last character.
     *
     * @param spans in code points
     */
    public boolean[] within(List<Span> spans) {
        boolean[] within = new boolean[ids.length];
        for (Span span : spans) {
            for (int i = 0; i < ids.length; i++) {
                within[i] |= starts[i] < span.end() && span.start() < ends[i];
            }
        }
        return within;
    }
}
