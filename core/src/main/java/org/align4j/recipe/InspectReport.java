package org.align4j.recipe;

import java.io.PrintStream;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.align4j.Words;
import org.align4j.data.Histogram;
import org.align4j.data.Inspection;

/** What an inspection found, in sentences. */
final class InspectReport {
    private static final int BAR = 40;

    private final Inspection found;
    private final PrintStream out;

    InspectReport(Inspection found, PrintStream out) {
        this.found = found;
        this.out = out;
    }

    /** What the rows look like, and which command takes them. */
    void forms() {
        found.forms()
                .forEach((form, rows) ->
                        line("  %s (%s), for %s", form.kind().count(rows), form.columns(), commands(form)));
    }

    private static String commands(Inspection.Form form) {
        return switch (form.kind()) {
            case LANGUAGE -> "sft";
            case DEMONSTRATION -> form.scored() ? "reward (--loss-type mse), sft, generate" : "sft, generate";
            case LABELLED -> "kto, generate, sft (the good ones: data convert --to prompt_completion)";
            case RANKING ->
                form.scored()
                        ? "dpo, orpo, reward (also --loss-type mse), kto (pairs), score, generate"
                        : "dpo, orpo, reward, kto (pairs), score, generate";
            case SAMPLES -> "score, generate";
            case STEPS -> "prm, score, generate";
            case PROMPT -> "generate";
        };
    }

    /** How many of these rows ask what the training data ask. */
    void shared() {
        line("  %,d of %s have a prompt of the training data", found.sharedPrompts(), Words.count(found.rows(), "row"));
    }

    /** @param unit of lengths */
    void describe(String unit) {
        rows();
        answers();
        histogram("prompts", found.promptLengths(), unit);
        histogram("completions", found.completionLengths(), unit);
        if (found.pairs() > 0) {
            line(
                    "\nThe better completion is longer in %.1f %% of %s and shorter in %.1f %%; on average it is %,.1f %s %s.",
                    100.0 * found.longerBetter() / found.pairs(),
                    Words.count(found.pairs(), "pair"),
                    100.0 * found.shorterBetter() / found.pairs(),
                    Math.abs(found.meanDifference()),
                    unit,
                    found.meanDifference() < 0 ? "shorter" : "longer");
        }
    }

    private void rows() {
        int chats = found.conversations();
        line(
                "\n%s: %s",
                Words.count(found.rows(), "good row"),
                chats == 0
                        ? "plain text"
                        : chats == found.rows() ? "conversations" : "%,d of them conversations".formatted(chats));
        range("conversations", found.messages(), "message");
        range("solutions", found.steps(), "step");
        if (!found.others().isEmpty()) {
            line("  columns that are not read: %s", String.join(", ", found.others()));
        }
        found.sizes().forEach((size, count) -> line("  %,d with %d completions", count, size));
        line(
                "  %s twice; %s the prompt of an earlier row",
                Words.count(found.repeatedRows(), "row stands here", "rows stand here"),
                Words.count(found.repeatedPrompts() - found.repeatedRows(), "more has", "more have"));
        if (found.withoutPrompt() > 0) {
            line("  %s no prompt", Words.count(found.withoutPrompt(), "row has", "rows have"));
        }
    }

    private void range(String what, Histogram sizes, String unit) {
        if (sizes.size() > 0) {
            line(
                    "  %s of %,d to %s, median %,d",
                    what, sizes.smallest(), Words.count(sizes.largest(), unit), sizes.median());
        }
    }

    private void answers() {
        if (found.tied() + found.identical() > 0) {
            line(
                    "  of %s of completions %s tied (%,d of them the same text twice) and %s a text to itself",
                    Words.count(found.pairs() + found.tied() + found.identical(), "pair"),
                    Words.count(found.tied(), "is", "are"),
                    found.tiedTwins(),
                    Words.count(found.identical(), "prefers", "prefer"));
        }
        found.left().summary().forEach(summary -> line("  dpo, orpo and reward: %s", summary));
        long judged = found.good() + found.bad();
        if (judged > 0) {
            String what = found.steps().size() == found.rows() ? "step" : "completion";
            line(
                    "  %s called good and %,d bad: %.1f %% good",
                    Words.count(found.good(), what + " is", what + "s are"),
                    found.bad(),
                    100.0 * found.good() / judged);
        }
        if (found.people().size() > 1) {
            line(
                    "  %,d people judged %,d to %s each",
                    found.people().size(),
                    Collections.min(found.people().values()),
                    Words.count(Collections.max(found.people().values()), "row"));
        }
        found.agreement().filter(agreed -> agreed.same() < 1).ifPresent(agreed -> line("  %s", agreed));
    }

    private void histogram(String what, Histogram lengths, String unit) {
        long n = lengths.size();
        if (n == 0) {
            return;
        }
        line(
                "\n%s in %s: shortest %,d, median %,d, 90 %% up to %,d, longest %,d",
                what,
                unit,
                lengths.smallest(),
                lengths.median(),
                lengths.at((long) (0.9 * (n - 1))),
                lengths.largest());
        List<Long> bins = lengths.byPowersOfTwo();
        long most = Collections.max(bins);
        boolean begun = false;
        for (int bin = 0; bin < bins.size(); bin++) {
            begun |= bins.get(bin) > 0;
            if (begun) {
                int width = (int) Math.ceil((double) BAR * bins.get(bin) / most);
                line("  up to %,9d %-" + BAR + "s %,d", 1L << bin, "#".repeat(width), bins.get(bin));
            }
        }
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
