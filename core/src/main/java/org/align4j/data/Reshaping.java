package org.align4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.align4j.Words;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;

/** Examples of one kind as examples of a simpler one. What has no place there is handed to {@code left}, once for each. */
final class Reshaping {

    /** Why something has no place in another type. */
    enum Loss {
        TIED("tied pair", "nothing is preferred"),
        IDENTICAL("pair", "both completions are the same text"),
        CONTRADICTION("ranking", "the same text has two places"),
        UNDESIRABLE("completion", "called bad, not to be imitated"),
        BETWEEN("completion", "between the best and the worst"),
        NOT_CHOSEN("pair", "ranking_pairs does not ask for such");

        private final String what;
        private final String why;

        Loss(String what, String why) {
            this.what = what;
            this.why = why;
        }

        String line(long count) {
            return "%s left out: %s".formatted(Words.count(count, what), why);
        }
    }

    private final PairChoice pairs;
    private final Consumer<Loss> left;

    Reshaping(PairChoice pairs, Consumer<Loss> left) {
        this.pairs = pairs;
        this.left = left;
    }

    /** The ranking itself, if every text in it has one place. */
    List<Example> rankings(Example ranking) {
        if (!ranking.contradiction().isEmpty()) {
            left.accept(ranking.answers().size() == 2 ? Loss.IDENTICAL : Loss.CONTRADICTION);
            return List.of();
        }
        return List.of(ranking);
    }

    /** Pairs of a better and a worse answer, better one first. */
    List<Example> pairs(Example ranking) {
        List<Answer> answers = ranking.answers();
        List<Example> found = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            for (int j = i + 1; j < answers.size(); j++) {
                Answer first = answers.get(i);
                Answer second = answers.get(j);
                boolean swap = first.tier() > second.tier();
                Answer better = swap ? second : first;
                Answer worse = swap ? first : second;
                if (better.tier() == worse.tier()) {
                    left.accept(Loss.TIED);
                } else if (better.content().equals(worse.content())) {
                    left.accept(Loss.IDENTICAL);
                } else if (pairs.takes(answers, better.tier(), worse.tier())) {
                    found.add(new Example(
                            Kind.RANKING,
                            ranking.form(),
                            ranking.prompt(),
                            List.of(at(0, better), at(1, worse)),
                            ranking.margin(),
                            ranking.fields()));
                } else {
                    left.accept(Loss.NOT_CHOSEN);
                }
            }
        }
        return found;
    }

    private static Answer at(int tier, Answer answer) {
        return new Answer(answer.place(), answer.content(), tier, answer.score(), answer.good());
    }

    /**
     * Labelled completions. Where somebody called all answers good or bad that counts; else the best are good and the
     * worst are bad.
     */
    List<Example> labelled(Example example) {
        List<Answer> answers = example.answers();
        if (example.kind() == Kind.LABELLED) {
            return List.of(example);
        }
        if (example.kind() == Kind.STEPS) {
            boolean good = answers.stream().allMatch(Answer::good);
            return List.of(labelled(example, joined(answers), good));
        }
        List<Example> found = new ArrayList<>();
        boolean called = answers.stream().noneMatch(answer -> answer.good() == null);
        if (!called && example.isTied()) {
            left.accept(Loss.TIED);
            return found;
        }
        if (answers.stream().map(Answer::content).distinct().count() < answers.size()) {
            left.accept(Loss.IDENTICAL);
            return found;
        }
        int worst = answers.stream().mapToInt(Answer::tier).max().orElseThrow();
        for (Answer answer : answers) {
            if (called || answer.tier() == 0 || answer.tier() == worst) {
                found.add(labelled(example, answer.content(), called ? answer.good() : answer.tier() == 0));
            } else {
                left.accept(Loss.BETWEEN);
            }
        }
        return found;
    }

    private static Example labelled(Example example, Content answer, boolean good) {
        return example.as(
                Kind.LABELLED,
                example.prompt(),
                List.of(new Answer("completion", answer, good ? 0 : 1, Double.NaN, good)));
    }

    /** Answers to imitate: the best of a ranking, a good one, a conversation's last. */
    List<Example> demonstrations(Example example) {
        List<Answer> answers = example.answers();
        switch (example.kind()) {
            case STEPS -> {
                return List.of(demonstration(example, joined(answers)));
            }
            case RANKING -> {
                if (example.isTied()) {
                    left.accept(Loss.TIED);
                    return List.of();
                }
                Answer best = answers.stream()
                        .filter(answer -> answer.tier() == 0)
                        .findFirst()
                        .orElseThrow();
                return List.of(demonstration(example, best.content()));
            }
            case LABELLED -> {
                if (!answers.get(0).good()) {
                    left.accept(Loss.UNDESIRABLE);
                    return List.of();
                }
                return List.of(demonstration(example, answers.get(0).content()));
            }
            default -> {
                return List.of(example);
            }
        }
    }

    private static Example demonstration(Example example, Content answer) {
        return example.as(
                Kind.DEMONSTRATION, example.prompt(), List.of(new Answer("completion", answer, 0, Double.NaN, null)));
    }

    private static Content joined(List<Answer> steps) {
        StringBuilder text = new StringBuilder();
        for (Answer step : steps) {
            text.append(((Content.Text) step.content()).text());
        }
        return new Content.Text(text.toString());
    }
}
