package org.align4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.align4j.data.Example.Answer;
import org.align4j.data.Example.Kind;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Judgements of several people as one ranking. An answer's score is half its mean grade: over all judgements in which it
 * was compared with another answer, by how much it was better, negative for worse; a judgement without scores counts 1. So
 * two answers differ by their mean grade, and without scores the majority decides. Judgements of one text against itself
 * become one tie. The rows are in memory until the last is read.
 */
public final class Merging {
    /** What belongs together. */
    public enum Scope {
        /** Nothing: every row stays as it is. */
        NONE,
        /** The same answers to the same prompt. */
        ANSWERS,
        /** All answers to the same prompt. */
        PROMPT
    }

    private final Scope scope;
    private final Map<List<Object>, List<Example>> groups = new LinkedHashMap<>();
    private final Set<String> differing = new TreeSet<>();

    Merging(Scope scope) {
        this.scope = scope;
    }

    /** @param ranking of kind {@link Kind#RANKING} */
    void add(Example ranking) {
        Set<Long> answers = new TreeSet<>();
        ranking.answers().forEach(answer -> answers.add(Hashes.of(answer.content())));
        long prompt = Hashes.of(ranking.prompt());
        List<Object> key = scope == Scope.PROMPT ? List.of(prompt) : List.of(prompt, answers);
        groups.computeIfAbsent(key, k -> new ArrayList<>()).add(ranking);
    }

    /** In the order in which their first rows came. */
    List<Example> merged() {
        List<Example> all = new ArrayList<>();
        for (List<Example> judgements : groups.values()) {
            Set<Content> distinct = new LinkedHashSet<>();
            judgements.forEach(each -> each.answers().forEach(answer -> distinct.add(answer.content())));
            if (judgements.size() == 1) {
                all.addAll(judgements);
            } else {
                all.add(merged(judgements, List.copyOf(distinct)));
            }
        }
        return all;
    }

    private Example merged(List<Example> judgements, List<Content> contents) {
        double[] grades = new double[contents.size()];
        int[] compared = new int[contents.size()];
        int[] good = new int[contents.size()];
        int[] called = new int[contents.size()];
        for (Example judgement : judgements) {
            for (Answer answer : judgement.answers()) {
                int i = contents.indexOf(answer.content());
                if (answer.good() != null) {
                    called[i]++;
                    good[i] += answer.good() ? 1 : 0;
                }
                for (Answer other : judgement.answers()) {
                    if (!other.content().equals(answer.content())) {
                        grades[i] += grade(answer, other);
                        compared[i]++;
                    }
                }
            }
        }
        double[] scores = new double[contents.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = compared[i] == 0 ? 0 : grades[i] / compared[i] / 2;
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            double own = scores[i];
            int tier = (int) Arrays.stream(scores)
                    .filter(score -> score > own)
                    .distinct()
                    .count();
            Boolean isGood = called[i] == 0 ? null : (Boolean) (2 * good[i] > called[i]);
            answers.add(new Answer("completions[%d]".formatted(i), contents.get(i), tier, own, isGood));
        }
        if (answers.size() == 1) { // of a text that was only judged against itself: a ranking has two
            answers.add(answers.get(0));
        }
        Example first = judgements.get(0);
        Fields fields = new Fields(common(judgements), first.source());
        return new Example(Kind.RANKING, first.form(), first.prompt(), answers, Double.NaN, fields);
    }

    /** The first row without the columns that say something else in others, and that nothing of the ranking is read from. */
    private ObjectNode common(List<Example> judgements) {
        Example first = judgements.get(0);
        ObjectNode common = (ObjectNode) first.fields().row().deepCopy();
        for (Example judgement : judgements) {
            Set<String> columns = new TreeSet<>(common.propertyNames());
            columns.addAll(judgement.fields().row().propertyNames());
            for (String column : columns) {
                JsonNode here = first.fields().row().path(column);
                JsonNode there = judgement.fields().row().path(column);
                if (!first.reads(column) && !here.equals(there)) {
                    common.remove(column);
                    differing.add(column);
                }
            }
        }
        return common;
    }

    /** Columns in which rows that became one said different things: they are left out. */
    Set<String> differing() {
        return differing;
    }

    private static double grade(Answer answer, Answer other) {
        double difference = answer.score() - other.score();
        return Double.isNaN(difference) ? Integer.compare(other.tier(), answer.tier()) : difference;
    }
}
