package org.align4j.recipe;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.align4j.AlignException;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.model.Architecture;
import org.align4j.model.CausalLm;

/** Whether a model can compute tokenized data at all. Outside its tables libtorch would only name an index. */
final class ModelLimits {
    private ModelLimits() {}

    /** @param warnings gets a line where rows are longer than the model would want them */
    static void check(CausalLm model, TokenizedRankings data, Path folder, int maxLength, Consumer<String> warnings) {
        Architecture architecture = model.architecture();
        int vocabulary = architecture.dimensions().vocabSize();
        int positions = architecture.dimensions().maxPositions();
        int longest = 0;
        for (TokenTree tree : data.trees()) {
            checkIds(tree.trunk(), vocabulary, folder);
            for (TokenTree.Branch branch : tree.branches()) {
                checkIds(branch.tokens(), vocabulary, folder);
                longest = Math.max(longest, tree.trunk().length + branch.tokens().length);
            }
        }
        if (longest > positions && architecture.boundedPositions()) {
            throw AlignException.usage(folder + ": has " + positions + " positions, the data have rows of " + longest
                    + " tokens; set max_length to " + positions + " or less (now " + maxLength + ")");
        }
        if (longest > positions) {
            warnings.accept("rows of up to " + longest + " tokens, the model was made for " + positions
                    + "; max_length " + positions + " would stay within");
        }
    }

    /** Whether a conversation of so many tokens, its next answer included, is one that the model was made for. */
    static void checkConversation(int tokens, CausalLm model) {
        int positions = model.architecture().dimensions().maxPositions();
        if (tokens > positions) {
            throw AlignException.usage(
                    "the conversation and an answer need " + tokens + " tokens, the model was made for " + positions
                            + "; begin again (/reset) or lower max_new_tokens");
        }
    }

    static void checkIds(int[] tokens, int vocabulary, Path folder) {
        for (int token : tokens) {
            if (token >= vocabulary) {
                throw AlignException.badInput(folder + ": the tokenizer gives id " + token
                        + ", the model's vocabulary ends at " + (vocabulary - 1)
                        + "; take the tokenizer that belongs to the model");
            }
        }
    }
}
