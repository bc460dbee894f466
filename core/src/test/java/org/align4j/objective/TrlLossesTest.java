package org.align4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.checkpoint.JsonFiles;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Losses without a reference against the functions of TRL's CPO and ORPO trainers. */
class TrlLossesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/trl_losses/losses.json");

    private static Objective free(PairObjective objective) {
        return new OverPairs(objective, PairRule.PLAIN, false, true);
    }

    @Test
    void lossesRewardsAndGradients() {
        JsonNode golden = JsonFiles.readObject(GOLDEN);
        Map<String, Objective> objectives = new LinkedHashMap<>();
        objectives.put("cpo", free(new Dpo(0.1, 0)));
        objectives.put("cpo_smoothed", free(new Dpo(0.1, 0.1)));
        objectives.put("cpo_hinge", free(new Hinge(0.1, Divergence.REVERSE_KL)));
        objectives.put("cpo_ipo", free(new Ipo(0.1, true, Divergence.REVERSE_KL)));
        objectives.put("simpo", free(new SimPo(2, 0.5, 0, 0)));
        objectives.put("simpo_smoothed", free(new SimPo(2, 1, 0, 0.2)));
        objectives.put("alphapo", free(new SimPo(2, 0.5, 0.25, 0)));
        objectives.put("alphapo_negative", free(new SimPo(2.5, 0.3, -0.5, 0)));
        objectives.put("orpo", new Mixture(List.of(new Mixture.Part(free(new OddsRatio(0.1)), 0.1))));
        List<List<Completion>> examples = new ArrayList<>();
        for (int i = 0; i < golden.get("chosen").size(); i++) {
            examples.add(Worlds.pair(
                    number(golden, "chosen", i),
                    number(golden, "rejected", i),
                    0,
                    0,
                    (int) number(golden, "lengths_chosen", i),
                    (int) number(golden, "lengths_rejected", i)));
        }
        assertThat(golden.get("cases")).hasSize(objectives.size());
        objectives.forEach((name, objective) -> {
            double tolerance = name.equals("orpo") ? 1e-6 : 1e-12; // TRL computes ORPO in float32
            JsonNode wanted = golden.get("cases").get(name);
            Losses losses = objective.losses(Batch.of(examples));
            for (int i = 0; i < examples.size(); i++) {
                Completion chosen = examples.get(i).get(0);
                Completion rejected = examples.get(i).get(1);
                close(losses.examples()[i], wanted, "losses", i, tolerance, name);
                if (!name.equals("cpo_ipo")) { // there TRL's rewards are means, ours sums
                    close(reward(objective, chosen), wanted, "chosen_rewards", i, tolerance, name);
                    close(reward(objective, rejected), wanted, "rejected_rewards", i, tolerance, name);
                }
                if (wanted.has("chosen_gradient")) { // with respect to means where it is given means
                    boolean averaged = !name.startsWith("cpo") || name.equals("cpo_ipo");
                    double chosenScale = averaged ? chosen.length() : 1;
                    double rejectedScale = averaged ? rejected.length() : 1;
                    Gradient gradient = losses.gradient();
                    close(gradient.at(2 * i) * chosenScale, wanted, "chosen_gradient", i, tolerance, name);
                    close(gradient.at(2 * i + 1) * rejectedScale, wanted, "rejected_gradient", i, tolerance, name);
                }
            }
        });
    }

    private static double reward(Objective objective, Completion completion) {
        return objective.reward(completion.logp(), 0, completion.length());
    }

    private static double number(JsonNode node, String name, int i) {
        return node.get(name).get(i).doubleValue();
    }

    private static void close(double got, JsonNode wanted, String field, int i, double tolerance, String name) {
        double expected = number(wanted, field, i);
        assertThat(got)
                .as("%s %s[%s]", name, field, i)
                .isCloseTo(expected, within(tolerance * Math.max(1, Math.abs(expected))));
    }
}
