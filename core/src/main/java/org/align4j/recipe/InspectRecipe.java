package org.align4j.recipe;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.align4j.AlignException;
import org.align4j.data.BadRows;
import org.align4j.data.Chats;
import org.align4j.data.Example.Kind;
import org.align4j.data.Examples;
import org.align4j.data.Inspection;
import org.align4j.data.OnBadRow;
import org.align4j.data.Ranking;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TreeBuilder;
import org.align4j.text.ChatTemplate;
import org.align4j.text.Tokenizer;

/** Looks at rows before anybody trains on them. */
public final class InspectRecipe {
    private static final int BAR = 40;
    /** Rows that are tokenized at once. */
    private static final int CHUNK = 1000;

    private static final Map<Kind, String> COMMANDS = new EnumMap<>(Map.of(
            Kind.LANGUAGE, "sft",
            Kind.DEMONSTRATION, "sft, generate",
            Kind.LABELLED, "kto, sft, generate",
            Kind.RANKING, "dpo, orpo, reward, kto (pairs), score, generate",
            Kind.SAMPLES, "score, generate",
            Kind.STEPS, "generate",
            Kind.PROMPT, "generate"));

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
            Inspection found = new Inspection(text -> text.codePointCount(0, text.length()));
            read(config.data(), none, found, found::add);
            evaluation(found, none);
            describe(found, "characters");
            return;
        }
        Path model = config.model().get();
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            Supplier<ChatTemplate> template = ChatTemplate.onFirstUse(model);
            Inspection found = new Inspection(text -> tokenizer.encodeWithoutSpecialTokens(text).length);
            Tokenized tokenized = new Tokenized(new TreeBuilder(tokenizer, config.maxLength()));
            read(config.data(), template, found, seen -> {
                found.add(seen);
                tokenized.add(seen);
            });
            evaluation(found, template);
            describe(found, "tokens");
            tokenized.report();
            show(tokenized.wanted, found.rows(), tokenizer);
        }
    }

    private void read(Path file, Supplier<ChatTemplate> template, Inspection found, Consumer<Examples.Seen> consumer) {
        Chats chats = new Chats(template, config.turns().turns());
        BadRows bad = Examples.read(file, OnBadRow.SKIP, chats, consumer);
        line("%s: %,d rows", file, found.rows() + bad.total());
        bad.summary().forEach(summary -> out.println("  " + summary));
        found.forms()
                .forEach((form, count) -> line(
                        "  %,d %s (%s), for %s",
                        count, form.kind().plural(), form.columns(), COMMANDS.get(form.kind())));
    }

    private void evaluation(Inspection training, Supplier<ChatTemplate> template) {
        if (config.evalData().isPresent()) {
            Inspection held = new Inspection(text -> 0);
            read(config.evalData().get(), template, held, seen -> held.add(seen, training));
            line("  %,d of %,d rows have a prompt of the training data", held.sharedPrompts(), held.rows());
        }
    }

    private void describe(Inspection found, String unit) {
        int chats = found.conversations();
        line(
                "\n%,d good rows: %s",
                found.rows(),
                chats == 0
                        ? "plain text"
                        : chats == found.rows() ? "conversations" : "%,d of them conversations".formatted(chats));
        if (chats > 0) {
            int[] messages = found.messages();
            line(
                    "  conversations of %,d to %,d messages, median %,d",
                    messages[0], messages[messages.length - 1], messages[messages.length / 2]);
        }
        if (!found.others().isEmpty()) {
            line("  columns that are not read: %s", String.join(", ", found.others()));
        }
        found.sizes().forEach((size, count) -> line("  %,d with %d completions", count, size));
        line(
                "  %,d rows stand here twice; %,d more have the prompt of an earlier row",
                found.repeatedRows(), found.repeatedPrompts() - found.repeatedRows());
        if (found.withoutPrompt() > 0) {
            line("  %,d rows have no prompt", found.withoutPrompt());
        }
        long allPairs = found.pairs() + found.tied() + found.identical();
        if (found.tied() + found.identical() > 0) {
            line(
                    "  of %,d pairs of completions %,d are tied and %,d are the same text twice",
                    allPairs, found.tied(), found.identical());
        }
        if (found.good() + found.bad() > 0) {
            long all = found.good() + found.bad();
            line(
                    "  %,d completions are called good and %,d bad: %.1f %% good",
                    found.good(), found.bad(), 100.0 * found.good() / all);
        }
        if (found.people().size() > 1) {
            line(
                    "  %,d people judged %,d to %,d rows each",
                    found.people().size(),
                    Collections.min(found.people().values()),
                    Collections.max(found.people().values()));
        }
        found.agreement().filter(agreed -> agreed.same() < 1).ifPresent(agreed -> line("  %s", agreed));
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
        if (n == 0) {
            return;
        }
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

    /** What training would make of the rows, in chunks. */
    private final class Tokenized {
        private final TreeBuilder builder;
        private final List<Ranking> chunk = new ArrayList<>();
        private TokenizedRankings.Report sum;
        private Wanted wanted;
        private int row;

        private Tokenized(TreeBuilder builder) {
            this.builder = builder;
        }

        private void add(Examples.Seen seen) {
            if (++row == config.row()) {
                wanted = new Wanted(seen, seen.ranking() == null ? null : builder.build(List.of(seen.ranking())));
            }
            if (seen.ranking() != null) {
                chunk.add(seen.ranking());
            }
            if (chunk.size() == CHUNK) {
                count();
            }
        }

        private void count() {
            TokenizedRankings.Report more = builder.build(chunk).report();
            sum = sum == null ? more : sum.and(more);
            chunk.clear();
        }

        private void report() {
            if (!chunk.isEmpty()) {
                count();
            }
            if (sum != null) {
                out.println("\nFor training at max_length = " + config.maxLength() + ":");
                sum.lines().forEach(line -> out.println("  " + line));
            }
        }
    }

    /** The row to show; without trees where it is a prompt. */
    private record Wanted(Examples.Seen seen, TokenizedRankings rankings) {}

    private void show(Wanted wanted, int rows, Tokenizer tokenizer) {
        if (wanted == null) {
            throw AlignException.usage(
                    "row is " + config.row() + ", and there are " + rows + " good rows; show another");
        }
        TokenView view = new TokenView(tokenizer, colours);
        line("\n%s as the model sees it; %s", wanted.seen().example().source(), view.legend());
        if (wanted.rankings() == null) {
            String text = wanted.seen().prompt().text();
            int[] tokens = wanted.seen().prompt().rendered()
                    ? tokenizer.encodeWithoutSpecialTokens(text)
                    : tokenizer.encode(text);
            line("\nprompt, %,d tokens:", tokens.length);
            out.println(view.prompt(tokens));
            return;
        }
        if (wanted.rankings().trees().isEmpty()) {
            throw AlignException.usage("row is " + config.row() + ", which training would drop; show another");
        }
        TokenTree tree = wanted.rankings().trees().get(0);
        if (tree.trunk().length > 0) {
            line("\nprompt, %,d tokens, not trained on:", tree.trunk().length);
            out.println(view.prompt(tree.trunk()));
        }
        boolean ranked = tree.branches().size() > 1;
        for (TokenTree.Branch branch : tree.branches()) {
            int trained = 0;
            for (int i = 0; i < branch.tokens().length; i++) {
                trained += branch.trains(i) ? 1 : 0;
            }
            line(
                    "\ncompletion%s, %,d tokens, %,d trained on:",
                    ranked ? ", place " + (branch.tier() + 1) : "", branch.tokens().length, trained);
            out.println(pieces(branch, tree.trunk(), view));
        }
    }

    /** A branch in pieces that are trained on and pieces that are not. Without colours each stands by itself. */
    private String pieces(TokenTree.Branch branch, int[] trunk, TokenView view) {
        int[] tokens = branch.tokens();
        int before = trunk.length > 0 ? trunk[trunk.length - 1] : -1;
        StringBuilder text = new StringBuilder();
        for (int from = 0, to = 1; from < tokens.length; from = to++) {
            while (to < tokens.length && branch.trains(to) == branch.trains(from)) {
                to++;
            }
            if (!colours && branch.trained() != null) {
                text.append(from > 0 ? "\n" : "").append(branch.trains(from) ? "trained: " : "masked: ");
            }
            text.append(view.completion(tokens, from, to, before, branch.trains(from)));
        }
        return text.toString();
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
