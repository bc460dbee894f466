package org.align4j.recipe;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.align4j.AlignException;
import org.align4j.Words;
import org.align4j.data.BadRows;
import org.align4j.data.Chats;
import org.align4j.data.Examples;
import org.align4j.data.Inspection;
import org.align4j.data.OnBadRow;
import org.align4j.data.SolutionTrees;
import org.align4j.data.TokenTree;
import org.align4j.data.TokenizedRankings;
import org.align4j.data.TreeBuilder;
import org.align4j.text.ChatTemplate;
import org.align4j.text.Tokenizer;

/** Looks at rows before anybody trains on them. Memory holds some fifty bytes of each. */
public final class InspectRecipe {
    private final InspectConfig config;
    private final PrintStream out;
    private final boolean colours;
    private final String separator;

    private InspectRecipe(InspectConfig config, PrintStream out, boolean colours) {
        this.config = config;
        this.out = out;
        this.colours = colours;
        this.separator = PrmConfig.separator(config.stepSeparator());
    }

    /** Writes what {@link Inspection} found, what training would drop or cut, and one row as tokens. */
    public static void run(InspectConfig config, PrintStream out, boolean colours, RunListener listener) {
        new InspectRecipe(HubFiles.local(InspectConfig.SCHEMA, config, listener), out, colours).run();
    }

    private void run() {
        if (config.model().isEmpty()) {
            Supplier<ChatTemplate> none = () -> ChatTemplate.of(
                    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}", Map.of(), "inspect");
            Inspection found = new Inspection(text -> text.codePointCount(0, text.length()), separator);
            InspectReport report = new InspectReport(found, out);
            read(config.data(), none, found::add);
            report.forms();
            evaluation(found, none);
            report.describe("characters");
            return;
        }
        Path model = config.model().get();
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            Supplier<ChatTemplate> template = GivenTemplate.orOwn(config.chatTemplate(), model);
            Inspection found = new Inspection(new Tokens(tokenizer), separator);
            InspectReport report = new InspectReport(found, out);
            Tokenized tokenized = new Tokenized(tokenizer);
            read(config.data(), template, seen -> {
                found.add(seen);
                tokenized.add(seen);
            });
            report.forms();
            evaluation(found, template);
            report.describe("tokens");
            tokenized.report();
            show(tokenized, found.rows(), new RowView(tokenizer, colours, out));
        }
    }

    private void read(List<Path> files, Supplier<ChatTemplate> template, Consumer<Examples.Seen> consumer) {
        Chats chats = new Chats(template, config.turns().turns());
        for (Path file : files) {
            long[] good = {0};
            BadRows bad = Examples.read(file, OnBadRow.SKIP, chats, seen -> {
                good[0]++;
                consumer.accept(seen);
            });
            out.println(file + ": " + Words.count(good[0] + bad.total(), "row"));
            bad.summary().forEach(summary -> out.println("  " + summary));
        }
    }

    private void evaluation(Inspection training, Supplier<ChatTemplate> template) {
        if (!config.evalData().isEmpty()) {
            Inspection held = new Inspection(text -> 0, "");
            read(config.evalData(), template, seen -> held.add(seen, training));
            InspectReport report = new InspectReport(held, out);
            report.forms();
            report.shared();
        }
    }

    private void show(Tokenized tokenized, int rows, RowView view) {
        if (tokenized.shown != null) {
            view.show(tokenized.shown, tokenized.tree);
        } else if (config.row().isEmpty()) {
            out.println("\nTraining would drop every row: there is none to show.");
        } else {
            throw AlignException.usage(
                    tokenized.row < config.row().get()
                            ? "row is %,d, and there are %s; show another"
                                    .formatted(config.row().get(), Words.count(rows, "good row"))
                            : "row is %,d, which training would drop; show another"
                                    .formatted(config.row().get()));
        }
    }

    /** Tokens as a model reads them, with those that begin and end a text. */
    private record Tokens(Tokenizer tokenizer, int beforePrompt) implements Inspection.Unit {
        Tokens(Tokenizer tokenizer) {
            this(tokenizer, tokenizer.encode("").length);
        }

        @Override
        public int length(String text) {
            return tokenizer.encodeWithoutSpecialTokens(text).length;
        }

        @Override
        public int before(Examples.Seen row) {
            if (row.solution() != null) { // see SolutionTrees
                return tokenizer.bosId().isPresent() ? 1 : 0;
            }
            return row.prompt().rendered() ? 0 : beforePrompt;
        }

        @Override
        public int after() {
            return 1;
        }
    }

    /** What training would make of the rows. */
    private final class Tokenized {
        private final TreeBuilder builder;
        private final TreeBuilder.Filling rankings;
        private final Tokenizer tokenizer;
        /** Made when there is a solution: not every tokenizer keeps every separator. */
        private SolutionTrees solutions;

        private TokenizedRankings.Report sum;
        private int row;
        /** The row to show, and its tree unless it is a prompt. */
        private Examples.Seen shown;

        private TokenTree tree;

        private Tokenized(Tokenizer tokenizer) {
            builder = new TreeBuilder(tokenizer, config.maxLength());
            rankings = builder.inChunks(this::count);
            this.tokenizer = tokenizer;
        }

        private void count(TokenizedRankings more) {
            sum = sum == null ? more.report() : sum.and(more.report());
        }

        private void add(Examples.Seen seen) {
            row++;
            if (config.row().map(wanted -> wanted == row).orElse(shown == null && seen.left() == null)) {
                choose(seen);
            }
            if (seen.solution() != null) {
                count(solved(seen));
            } else if (seen.ranking() != null && seen.left() == null) {
                rankings.accept(seen.ranking());
            }
        }

        /** Shows the row if training would keep it. */
        private void choose(Examples.Seen seen) {
            if (seen.ranking() == null && seen.solution() == null) {
                shown = seen;
                return;
            }
            List<TokenTree> kept =
                    (seen.solution() != null ? solved(seen) : builder.build(List.of(seen.ranking()))).trees();
            if (!kept.isEmpty()) {
                shown = seen;
                tree = kept.get(0);
            }
        }

        private void report() {
            rankings.finish();
            if (sum != null && sum.rows() > 0) {
                out.println("\nFor training at max_length = " + config.maxLength() + ":");
                sum.lines().forEach(line -> out.println("  " + line));
            }
        }

        private TokenizedRankings solved(Examples.Seen seen) {
            if (solutions == null) {
                solutions = new SolutionTrees(tokenizer, separator, Integer.MAX_VALUE, config.maxLength(), false, true);
            }
            return solutions.select(List.of(solutions.tokenize(seen.solution())), new int[] {0});
        }
    }
}
