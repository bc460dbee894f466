package org.align4j.recipe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.align4j.AlignException;
import org.align4j.config.Commas;

/**
 * Which loss judges the rows of which source. Sources with the same loss and weight are judged together.
 *
 * @param names of the losses, one for each objective
 * @param weights likewise
 * @param ofSource index of the objective of each source
 */
record SourceLosses(List<String> names, List<Double> weights, List<Integer> ofSource) {
    /** Losses of single texts, not of preferences. */
    private static final Set<String> OF_DEMONSTRATIONS = Set.of("sft", "nll");

    private record Loss(String name, double weight) {}

    /**
     * @param types a name for each source, separated by commas
     * @param weights likewise; absent: 1 each
     */
    static SourceLosses of(String types, Optional<String> weights, int sources) {
        List<String> names = new ArrayList<>();
        for (String name : Commas.split(types)) {
            names.add(name.toLowerCase(Locale.ROOT).replace('-', '_'));
        }
        requireOneEach("data_loss_types", types, names.size(), sources);
        List<Double> factors = Collections.nCopies(sources, 1.0);
        if (weights.isPresent()) {
            factors = new ArrayList<>();
            for (String part : Commas.split(weights.get())) {
                factors.add(weight(part, weights.get()));
            }
            requireOneEach("data_loss_weights", weights.get(), factors.size(), sources);
        }
        List<Loss> losses = new ArrayList<>();
        List<Integer> ofSource = new ArrayList<>();
        for (int s = 0; s < sources; s++) {
            Loss loss = new Loss(names.get(s), factors.get(s));
            if (!losses.contains(loss)) {
                losses.add(loss);
            }
            ofSource.add(losses.indexOf(loss));
        }
        return new SourceLosses(
                losses.stream().map(Loss::name).toList(),
                losses.stream().map(Loss::weight).toList(),
                ofSource);
    }

    private static double weight(String text, String all) {
        try {
            double weight = Double.parseDouble(text);
            if (weight > 0 && weight < Double.POSITIVE_INFINITY) {
                return weight;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw AlignException.usage(
                "data_loss_weights is \"" + all + "\", expected numbers above 0, with commas between");
    }

    private static void requireOneEach(String key, String text, int count, int sources) {
        if (count != sources) {
            throw AlignException.usage(key + " is \"" + text + "\", which are " + count + " for " + sources
                    + " sources of data; give one for each");
        }
    }

    /** Whether an objective judges demonstrations. */
    boolean ofDemonstrations(int objective) {
        return OF_DEMONSTRATIONS.contains(names.get(objective));
    }

    /** A name for the metrics of an objective, which no other has. */
    String label(int objective) {
        String name = names.get(objective);
        int before = Collections.frequency(names.subList(0, objective), name);
        return before == 0 ? name : name + "_" + (before + 1);
    }
}
