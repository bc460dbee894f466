package org.align4j.recipe;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.align4j.AlignException;
import org.align4j.data.Chats;
import org.align4j.data.Inspection;
import org.align4j.data.OnBadRow;
import org.align4j.data.Ranking;
import org.align4j.data.RankingReader;
import org.align4j.data.Rows;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TreeBuilder;
import org.align4j.text.ChatTemplate;
import org.align4j.text.Tokenizer;

/** Looks at preferences before anybody trains on them. */
public final class InspectRecipe {
    private static final String DIM = "\u001b[2m";
    private static final String[] SHADES = {"\u001b[30;46m", "\u001b[30;42m"};
    private static final String PLAIN = "\u001b[0m";
    private static final int BAR = 40;

    private final InspectConfig config;
    private final PrintStream out;
    private final boolean colours;

    private InspectRecipe(InspectConfig config, PrintStream out, boolean colours) {
        this.config = config;
        this.out = out;
        this.colours = colours;
    }

    /** Writes what {@link Inspection} found, what training would drop or cut, and one row as tokens. */
    public static void run(InspectConfig config, PrintStream out, boolean colours, RunListener listener) {
        new InspectRecipe(HubFiles.local(InspectConfig.SCHEMA, config, listener), out, colours).run();
    }

    private void run() {
        if (config.model().isEmpty()) {
            Supplier<ChatTemplate> none = () -> ChatTemplate.of(
                    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}", Map.of(), "inspect");
            describe(read(config.data(), none), none, text -> text.codePointCount(0, text.length()), "characters");
            return;
        }
        Path model = config.model().get();
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            Supplier<ChatTemplate> template = ChatTemplate.onFirstUse(model);
            List<Ranking> rankings = read(config.data(), template);
            describe(rankings, template, text -> tokenizer.encodeWithoutSpecialTokens(text).length, "tokens");
            TokenizedRankings trees = new TreeBuilder(tokenizer, config.maxLength()).build(rankings);
            out.println("\nFor training at max_length = " + config.maxLength() + ":");
            trees.report().lines().forEach(line -> out.println("  " + line));
            show(rankings, trees, tokenizer);
        }
    }

    private List<Ranking> read(Path file, Supplier<ChatTemplate> template) {
        Rows<Ranking> rows = RankingReader.readAll(file, OnBadRow.SKIP, Chats.of(template), true);
        line("%s: %,d rows", file, rows.rows().size() + rows.bad().total());
        rows.bad().summary().forEach(summary -> out.println("  " + summary));
        return rows.rows();
    }

    private void describe(
            List<Ranking> rankings, Supplier<ChatTemplate> template, ToIntFunction<String> length, String unit) {
        Inspection found = Inspection.of(rankings, length);
        line(
                "  %,d good rows: %s",
                found.rows(),
                found.conversations() == 0
                        ? "plain text"
                        : found.conversations() == found.rows()
                                ? "conversations"
                                : "%,d of them conversations".formatted(found.conversations()));
        found.sizes().forEach((size, count) -> line("  %,d with %d completions", count, size));
        line(
                "  %,d rows stand here twice; %,d more have the prompt of an earlier row",
                found.repeatedRows(), found.repeatedPrompts() - found.repeatedRows());
        if (config.evalData().isPresent()) {
            List<Ranking> held = read(config.evalData().get(), template);
            line(
                    "  %,d of %,d rows have a prompt of the training data",
                    Inspection.sharedPrompts(rankings, held), held.size());
        }
        histogram("prompts", found.promptLengths(), unit);
        histogram("completions", found.completionLengths(), unit);
        if (found.pairs() > 0) {
            line(
                    "\nThe better completion is longer in %.1f %% of %,d pairs and shorter in %.1f %%; on average it has %+.1f %s.",
                    100.0 * found.longerBetter() / found.pairs(),
                    found.pairs(),
                    100.0 * found.shorterBetter() / found.pairs(),
                    found.meanDifference(),
                    unit);
        }
    }

    /** By powers of two. */
    private void histogram(String what, int[] sorted, String unit) {
        int n = sorted.length;
        line(
                "\n%s in %s: shortest %,d, median %,d, 90 %% up to %,d, longest %,d",
                what, unit, sorted[0], sorted[n / 2], sorted[(int) (0.9 * (n - 1))], sorted[n - 1]);
        List<Integer> counts = new ArrayList<>();
        for (int value : sorted) {
            int bin = value <= 1 ? 0 : 32 - Integer.numberOfLeadingZeros(value - 1);
            while (counts.size() <= bin) {
                counts.add(0);
            }
            counts.set(bin, counts.get(bin) + 1);
        }
        int most = counts.stream().mapToInt(i -> i).max().orElse(1);
        boolean begun = false;
        for (int bin = 0; bin < counts.size(); bin++) {
            begun |= counts.get(bin) > 0;
            if (begun) {
                int width = (int) Math.ceil((double) BAR * counts.get(bin) / most);
                line("  up to %,9d %-" + BAR + "s %,d", 1L << bin, "#".repeat(width), counts.get(bin));
            }
        }
    }

    private void show(List<Ranking> rankings, TokenizedRankings trees, Tokenizer tokenizer) {
        int row = trees.positions().indexOf(config.row() - 1);
        if (row < 0) {
            throw AlignException.usage("row is " + config.row() + ", which "
                    + (config.row() > rankings.size() ? "is past the last good row" : "training would drop")
                    + "; show another");
        }
        TokenTree tree = trees.trees().get(row);
        line(
                "\n%s, as the model sees it; every second token is shaded, the prompt is not trained on:",
                trees.sources().get(row));
        line("\nprompt, %,d tokens:", tree.trunk().length);
        out.println(tokens(tree.trunk(), new int[0], tokenizer, false));
        for (TokenTree.Branch branch : tree.branches()) {
            line("\ncompletion, place %d, %,d tokens:", branch.tier() + 1, branch.tokens().length);
            out.println(tokens(branch.tokens(), tree.trunk(), tokenizer, true));
        }
    }

    /** Tokens one by one, special ones spelled out; without colours a bar stands between them. */
    private String tokens(int[] tokens, int[] before, Tokenizer tokenizer, boolean trained) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < tokens.length; i++) {
            // Alone a token may lose its leading space: what it adds to the one before is shown.
            int previous = i > 0 ? tokens[i - 1] : before.length > 0 ? before[before.length - 1] : -1;
            String piece = tokenizer.decode(new int[] {tokens[i]}, false);
            if (previous >= 0) {
                String one = tokenizer.decode(new int[] {previous}, false);
                String both = tokenizer.decode(new int[] {previous, tokens[i]}, false);
                piece = both.startsWith(one) ? both.substring(one.length()) : piece;
            }
            piece = piece.replace("\n", "↵\n");
            if (colours) {
                text.append(trained ? SHADES[i % 2] : DIM).append(piece).append(PLAIN);
            } else {
                text.append(i > 0 ? "|" : "").append(piece);
            }
        }
        return text.toString();
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
