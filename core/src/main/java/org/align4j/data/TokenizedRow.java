package org.align4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A ranking as tokens, before anything is cut or dropped.
 *
 * @param trunk what prompt and every prompt + completion begin with
 * @param lost the rest of the prompt alone, which merged with the completions into other tokens
 * @param branches the completions, each with its end
 * @param objective {@link TokenTree#objective}
 */
public record TokenizedRow(int[] trunk, int[] lost, List<TokenTree.Branch> branches, Source source, int objective) {

    /** Tokens that a limit leaves for a completion; 0 or less: the prompt alone fills it. */
    int room(int maxLength) {
        return maxLength - trunk.length;
    }

    /** Within a limit that leaves room. */
    TokenTree tree(int maxLength, int row) {
        return new TokenTree(trunk, cut(room(maxLength)), row, objective);
    }

    List<TokenTree.Branch> cut(int room) {
        List<TokenTree.Branch> cut = new ArrayList<>();
        for (TokenTree.Branch branch : branches) {
            cut.add(branch.tokens().length <= room ? branch : branch.first(room));
        }
        return cut;
    }

    /** What decides about the row under any limit up to this: a token more than fits, so that what is cut is seen. */
    TokenizedRow within(int maxLength) {
        int room = room(maxLength);
        return room <= 0
                ? new TokenizedRow(Arrays.copyOf(trunk, maxLength), new int[0], cut(1), source, objective)
                : new TokenizedRow(trunk, lost, cut(room == Integer.MAX_VALUE ? room : room + 1), source, objective);
    }
}
