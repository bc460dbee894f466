package org.align4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.align4j.checkpoint.JsonFiles;
import org.align4j.text.SharedData;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Losses that were worked out elsewhere, from the papers' formulas and in peers' tests. */
class DerivedGoldensTest {
    private static final Divergence PLAIN = Divergence.REVERSE_KL;

    private static Batch batch(JsonNode inputs) {
        List<List<Completion>> examples = new ArrayList<>();
        for (int i = 0; i < inputs.get("policy_chosen").size(); i++) {
            examples.add(Worlds.pair(
                    inputs.get("policy_chosen").get(i).doubleValue(),
                    inputs.get("policy_rejected").get(i).doubleValue(),
                    inputs.get("ref_chosen").get(i).doubleValue(),
                    inputs.get("ref_rejected").get(i).doubleValue(),
                    inputs.path("len_chosen").path(i).asInt(1),
                    inputs.path("len_rejected").path(i).asInt(1)));
        }
        return Batch.of(examples);
    }

    private static Objective pairs(PairObjective objective) {
        return new OverPairs(objective);
    }

    private static Objective divergence(Divergence.Kind kind) {
        return pairs(new Dpo(0.1, 0, 0, new Divergence(kind, 0.5)));
    }

    @Test
    void derivedLosses() {
        JsonNode golden = JsonFiles.readObject(SharedData.require("golden/losses_derived.json"));
        Batch batch = batch(golden.get("inputs"));
        Map<String, Objective> objectives = new LinkedHashMap<>();
        objectives.put("sigmoid", pairs(new Dpo(0.1, 0)));
        objectives.put("sigmoid_cdpo_ls0.1", pairs(new Dpo(0.1, 0.1)));
        objectives.put("hinge", pairs(new Hinge(0.1, PLAIN)));
        objectives.put("ipo_length_normalised", pairs(new Ipo(0.1, true, PLAIN)));
        objectives.put("ipo_summed", pairs(new Ipo(0.1, false, PLAIN)));
        objectives.put("exo_pair_ls1e-3", pairs(new ExoPair(0.1, 1e-3, PLAIN)));
        objectives.put("nca_pair", pairs(new NcaPair(0.1)));
        objectives.put("robust_ls0.1", pairs(new Robust(0.1, 0.1, PLAIN)));
        objectives.put("bco_pair", new BcoPair(0.1, PairRule.PLAIN, false, false));
        objectives.put("sppo_hard", pairs(new Sppo(0.1)));
        objectives.put("apo_zero", pairs(new ApoZero(0.1)));
        objectives.put("apo_down", pairs(new ApoDown(0.1)));
        objectives.put("discopop_tau0.05", pairs(new DiscoPop(0.1, 0.05, PLAIN)));
        objectives.put("sigmoid_norm", pairs(new NormalizedDpo(0.1, 0, PLAIN)));
        objectives.put("simpo_beta2.0_gamma0.5", pairs(new SimPo(2, 0.5, 0, 0)));
        objectives.put("cpo_sigmoid", new OverPairs(new Dpo(0.1, 0), PairRule.PLAIN, false, true));
        objectives.put("orpo_or_term", pairs(new OddsRatio(0.1)));
        objectives.put("sigmoid_f_forward_kl", divergence(Divergence.Kind.FORWARD_KL));
        objectives.put("sigmoid_f_js_divergence", divergence(Divergence.Kind.JS_DIVERGENCE));
        objectives.put("sigmoid_f_alpha_divergence_0.5", divergence(Divergence.Kind.ALPHA_DIVERGENCE));
        int compared = 0;
        for (Map.Entry<String, JsonNode> entry :
                golden.get("losses_per_example").properties()) {
            for (Map.Entry<String, Objective> objective : objectives.entrySet()) {
                boolean same = (entry.getKey() + " ").startsWith(objective.getKey() + " ");
                if (same) {
                    double[] losses = objective.getValue().losses(batch).examples();
                    for (int i = 0; i < losses.length; i++) {
                        assertThat(losses[i])
                                .as(entry.getKey())
                                .isCloseTo(entry.getValue().get(i).doubleValue(), within(1e-12));
                    }
                    compared++;
                }
            }
        }
        // The others: AOT below; a term of ORPO that its loss contains; KTO, which is no loss of rankings.
        assertThat(compared).isEqualTo(objectives.size());
        assertThat(golden.get("losses_per_example")).hasSize(objectives.size() + 7);
    }

    /** Sorted places; ours stand with the example of the sorted policy value, so they are compared as sets. */
    @Test
    void derivedLossesOfSortedBatches() {
        JsonNode golden = JsonFiles.readObject(SharedData.require("golden/losses_derived.json"));
        Batch batch = batch(golden.get("inputs"));
        for (boolean paired : new boolean[] {true, false}) {
            double[] losses =
                    new Aot(0.1, 0, paired, PairRule.PLAIN).losses(batch).examples();
            List<Double> wanted = new ArrayList<>();
            golden.get("losses_per_example")
                    .get(paired ? "aot_ls0 (batch-sorted)" : "aot_unpaired_ls0 (batch-sorted)")
                    .forEach(each -> wanted.add(each.doubleValue()));
            java.util.Collections.sort(wanted);
            java.util.Arrays.sort(losses);
            for (int i = 0; i < losses.length; i++) {
                assertThat(losses[i]).isCloseTo(wanted.get(i), within(1e-12));
            }
        }
    }

    @Test
    void casesOfPeers() {
        for (JsonNode golden : JsonFiles.readObject(SharedData.require("golden/peer_test_cases.json"))
                .get("cases")) {
            switch (golden.get("id").stringValue()) {
                case "dpo_sigmoid_torchtune" -> {
                    double[] losses = pairs(new Dpo(golden.get("beta").doubleValue(), 0))
                            .losses(batch(golden))
                            .examples();
                    for (int i = 0; i < 3; i++) {
                        assertThat(losses[i])
                                .isCloseTo(golden.get("expected_losses").get(i).doubleValue(), within(1e-8));
                    }
                }
                case "dpo_order_open_instruct" -> {
                    double good = new Dpo(0.1, 0)
                            .of(PairRule.PLAIN
                                    .pairs(order(golden.get("good")), false)
                                    .get(0))
                            .loss();
                    double bad = new Dpo(0.1, 0)
                            .of(PairRule.PLAIN
                                    .pairs(order(golden.get("bad")), false)
                                    .get(0))
                            .loss();
                    assertThat(good).isLessThan(bad);
                }
                case "f_div_finite_trl_v0.24" -> {
                    finite(golden.get("alpha_0.5"), Divergence.Kind.ALPHA_DIVERGENCE);
                    finite(golden.get("js"), Divergence.Kind.JS_DIVERGENCE);
                }
                default -> {}
            }
        }
    }

    private static List<Completion> order(JsonNode node) {
        return Worlds.pair(
                node.get("pc").doubleValue(),
                node.get("pr").doubleValue(),
                node.get("rc").doubleValue(),
                node.get("rr").doubleValue(),
                1,
                1);
    }

    private static void finite(JsonNode node, Divergence.Kind kind) {
        for (int i = 0; i < 2; i++) {
            List<Completion> example = Worlds.pair(
                    node.get("pc").get(i).doubleValue(),
                    node.get("pr").get(i).doubleValue(),
                    node.get("rc").get(i).doubleValue(),
                    node.get("rr").get(i).doubleValue(),
                    1,
                    1);
            assertThat(divergence(kind).losses(Batch.of(List.of(example))).examples()[0])
                    .isFinite();
        }
    }

    @Test
    void lossesOfAlignmentTests() {
        JsonNode golden = JsonFiles.readObject(SharedData.require("golden/alignment_losses.json"));
        JsonNode trinity = golden.get("trinity_rft");
        double[] policy = new double[2];
        double[] reference = new double[2];
        double sft = 0;
        int tokens = 0;
        for (int row = 0; row < 5; row++) {
            for (int t = 0; t < 20; t++) {
                if (trinity.get("mask").get(row).get(t).asInt() == 1) {
                    double logp = trinity.get("logprob").get(row).get(t).doubleValue();
                    policy[row % 2] += logp;
                    reference[row % 2] +=
                            trinity.get("ref_logprob").get(row).get(t).doubleValue();
                    sft += logp;
                    tokens++;
                }
            }
        }
        JsonNode dpo = trinity.get("expected").get("dpo");
        Objective objective = pairs(new Dpo(dpo.get("beta").doubleValue(), 0));
        Batch batch = Batch.of(List.of(Worlds.pair(policy[0], policy[1], reference[0], reference[1], 9, 9)));
        assertThat(objective.losses(batch).examples()[0])
                .isCloseTo(dpo.get("loss").doubleValue(), within(1e-6));
        assertThat(objective.reward(policy[0], reference[0], 9))
                .isCloseTo(dpo.get("chosen_reward").doubleValue(), within(1e-6));
        assertThat(objective.reward(policy[1], reference[1], 9))
                .isCloseTo(dpo.get("rejected_reward").doubleValue(), within(1e-6));
        Batch one = Batch.of(List.of(List.of(new Completion(0, Double.NaN, tokens, sft, 0))));
        assertThat(new Nll(1, Nll.Mean.TOKENS, false).losses(one).examples()[0])
                .isCloseTo(trinity.get("expected").get("sft_token_mean_nll").doubleValue(), within(1e-6));
        Batch torchtune = batch(golden.get("torchtune").get("dpo"));
        double[] hinge = pairs(new Hinge(
                        golden.get("torchtune").get("rso_hinge").get("gamma").doubleValue(), PLAIN))
                .losses(torchtune)
                .examples();
        assertThat(hinge).containsExactly(new double[] {1, 0, 0}, org.assertj.core.data.Offset.offset(1e-12));
    }
}
