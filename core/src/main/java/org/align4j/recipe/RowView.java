package org.align4j.recipe;

import java.io.PrintStream;
import java.util.Locale;
import org.align4j.Words;
import org.align4j.data.Examples;
import org.align4j.data.TokenTree;
import org.align4j.text.Tokenizer;

/** A row as a model sees it. */
final class RowView {
    private final TokenView view;
    private final Tokenizer tokenizer;
    private final boolean colours;
    private final PrintStream out;

    RowView(Tokenizer tokenizer, boolean colours, PrintStream out) {
        this.view = new TokenView(tokenizer, colours);
        this.tokenizer = tokenizer;
        this.colours = colours;
        this.out = out;
    }

    /** @param tree of the row; null where it is a prompt */
    void show(Examples.Seen row, TokenTree tree) {
        line("\n%s as the model sees it; %s", row.example().source(), view.legend());
        if (tree == null) {
            String text = row.prompt().text();
            int[] tokens =
                    row.prompt().rendered() ? tokenizer.encodeWithoutSpecialTokens(text) : tokenizer.encode(text);
            line("\nprompt, %s:", Words.count(tokens.length, "token"));
            out.println(view.prompt(tokens));
            return;
        }
        if (tree.trunk().length > 0) {
            line("\nprompt, %s, not trained on:", Words.count(tree.trunk().length, "token"));
            out.println(view.prompt(tree.trunk()));
        }
        boolean ranked = tree.branches().size() > 1;
        for (TokenTree.Branch branch : tree.branches()) {
            if (branch.classes() == null) {
                completion(branch, ranked ? ", place " + (branch.tier() + 1) : "", tree.trunk());
            } else {
                steps(branch, tree.trunk());
            }
        }
    }

    /** In pieces that are trained on and pieces that are not. Without colours each stands by itself. */
    private void completion(TokenTree.Branch branch, String place, int[] trunk) {
        int[] tokens = branch.tokens();
        StringBuilder text = new StringBuilder();
        int trained = 0;
        for (int from = 0, to = 1; from < tokens.length; from = to++) {
            while (to < tokens.length && branch.trains(to) == branch.trains(from)) {
                to++;
            }
            trained += branch.trains(from) ? to - from : 0;
            if (!colours && branch.trained() != null) {
                text.append(from > 0 ? "\n" : "").append(branch.trains(from) ? "trained: " : "masked: ");
            }
            text.append(view.completion(tokens, from, to, last(trunk), branch.trains(from)));
        }
        line("\ncompletion%s, %s, %,d trained on:", place, Words.count(tokens.length, "token"), trained);
        out.println(text);
    }

    /** Each with what it is called after its last token. */
    private void steps(TokenTree.Branch branch, int[] trunk) {
        int[] tokens = branch.tokens();
        line("\nsteps, %s, of each the last is judged:", Words.count(tokens.length, "token"));
        for (int from = 0, to = 1; from < tokens.length; from = to++) {
            while (to < tokens.length && branch.classes()[to - 1] < 0) {
                to++;
            }
            int label = branch.classes()[to - 1];
            out.println((label < 0 ? "cut: " : label == 1 ? "good: " : "bad: ")
                    + view.completion(tokens, from, to, last(trunk), label >= 0).stripTrailing());
        }
    }

    private static int last(int[] trunk) {
        return trunk.length > 0 ? trunk[trunk.length - 1] : -1;
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
