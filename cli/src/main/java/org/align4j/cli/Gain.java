package org.align4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.align4j.data.PackedBatch;
import org.align4j.data.TokenTree;
import org.align4j.exact.ReviewWorld;
import org.align4j.generate.Completion;
import org.align4j.model.CausalLm;
import org.align4j.reward.ImplicitReward;
import org.align4j.text.Tokenizer;

/** What alignment gained: true rewards of samples of both models, pair by pair, and the KL divergence that it cost. */
final class Gain {
    private static final int TOKENS_PER_BATCH = 4096;

    private final List<double[]> pairs = new ArrayList<>();

    /** The true rewards of a sample before and one after, for the same prompt. */
    void add(double before, double after) {
        pairs.add(new double[] {before, after});
    }

    /**
     * KL(policy ‖ reference) = E[log π(y|x) − log π_ref(y|x)] over y drawn from the policy, nats: the mean over these
     * samples.
     */
    static Estimate kl(
            CausalLm policy,
            CausalLm reference,
            List<String> prompts,
            List<List<Completion>> samples,
            Tokenizer tokenizer) {
        List<TokenTree> trees = new ArrayList<>();
        for (int p = 0; p < prompts.size(); p++) {
            List<TokenTree.Branch> branches = new ArrayList<>();
            for (Completion completion : samples.get(p)) {
                branches.add(new TokenTree.Branch(drawn(completion, tokenizer.eosId()), 0));
            }
            trees.add(new TokenTree(tokenizer.encode(prompts.get(p)), branches, p));
        }
        // With β = 1 the implicit reward is the log-ratio itself.
        ImplicitReward logRatio = new ImplicitReward(policy, Optional.of(reference), 1);
        List<Double> ratios = new ArrayList<>();
        for (PackedBatch batch : PackedBatch.split(trees, TOKENS_PER_BATCH)) {
            for (List<ImplicitReward.Scored> completions : logRatio.score(batch)) {
                completions.forEach(scored -> ratios.add(scored.reward()));
            }
        }
        return Estimate.of(ratios.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** All tokens that were drawn, the one that ended the text included. */
    private static int[] drawn(Completion completion, int eos) {
        if (completion.finish() == Completion.Finish.LENGTH) {
            return completion.tokens();
        }
        int[] all = java.util.Arrays.copyOf(completion.tokens(), completion.tokens().length + 1);
        all[all.length - 1] = eos;
        return all;
    }

    String table(Estimate kl) {
        double[] before = column(0);
        double[] after = column(1);
        double[] wins = new double[pairs.size()];
        double[] nonsenseBefore = new double[wins.length];
        double[] nonsenseAfter = new double[wins.length];
        for (int i = 0; i < wins.length; i++) {
            wins[i] = after[i] > before[i] ? 1 : after[i] == before[i] ? 0.5 : 0;
            nonsenseBefore[i] = before[i] == ReviewWorld.NONSENSE ? 1 : 0;
            nonsenseAfter[i] = after[i] == ReviewWorld.NONSENSE ? 1 : 0;
        }
        return new Table("", "before", "after")
                .row(
                        "true reward",
                        Estimate.of(before).show(1, 2),
                        Estimate.of(after).show(1, 2))
                .row("win rate against before, %", "50", Estimate.of(wins).show(100, 1))
                .row(
                        "not a sentence, %",
                        Estimate.of(nonsenseBefore).show(100, 1),
                        Estimate.of(nonsenseAfter).show(100, 1))
                .row("KL(after ‖ before), nats", "0", kl.show(1, 2))
                .toString();
    }

    private double[] column(int index) {
        return pairs.stream().mapToDouble(pair -> pair[index]).toArray();
    }
}
