package org.align4j.recipe;

import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.ConfigSchema;
import org.align4j.config.Key;
import org.align4j.config.Keys;
import org.align4j.model.Pooling;
import org.align4j.objective.BestOfN;
import org.align4j.objective.Divergence;
import org.align4j.objective.Dpo;
import org.align4j.objective.Objective;
import org.align4j.objective.OverPairs;
import org.align4j.objective.PairRule;
import org.align4j.objective.PlackettLuce;
import org.align4j.objective.SquaredError;

/** Everything that training a reward model can be told. */
public record RewardConfig(
        @Keys(defaults = "learning_rate=1e-4") TrainingConfig training,

        @Key(
                value = "bradley_terry",
                doc =
                        "bradley_terry: pairs of a ranking; best_of_n: its best against all; plackett_luce: its whole order;"
                                + " mse: the scores of the data, by regression")
        LossType lossType,

        @Key(
                doc = "bradley_terry asks for this times the margin, or difference of scores, that the data gives; by"
                        + " default 1 where every row has a margin, as in TRL, else 0")
        Optional<Double> marginCoef,

        @Key(
                value = "all",
                doc = "pairs of a ranking that bradley_terry counts: every better with every worse, or fewer")
        PairRule.Which rankingPairs,

        @Key(value = "0", doc = "hold rewards near 0: add this times the square of a pair's sum; 0.01 is usual")
        double centerRewardsCoefficient,

        @Key(
                value = "normal",
                doc =
                        "a new head's weights, where the model is a language model: zero, or drawn as wide as the model's own")
        HeadInit headInit,

        @Key(
                doc = "what of a completion a new head reads: last: its last token, as transformers does; mean: all its"
                        + " tokens. By default last, or as the model has it")
        Optional<Pooling> pooling,

        @Key(
                doc = "heads of a new reward model, each of which sees rows drawn with replacement; the reward is their"
                        + " mean, and how far they are apart its uncertainty. By default 1, or as the model has it")
        Optional<Integer> ensemble,

        @Key(value = "drop", doc = "rows longer than max_length: drop and count them, as TRL does, or cut completions")
        LongRows longRows) {

    /** The keys. */
    public static final ConfigSchema<RewardConfig> SCHEMA = new ConfigSchema<>(RewardConfig.class);

    /** What is minimised. */
    public enum LossType {
        BRADLEY_TERRY,
        BEST_OF_N,
        PLACKETT_LUCE,
        MSE
    }

    /** What becomes of rows that are too long. */
    public enum LongRows {
        DROP,
        CUT
    }

    public RewardConfig {
        TrainingConfig.require(
                centerRewardsCoefficient >= 0, "center_rewards_coefficient", centerRewardsCoefficient, "0 or more");
        TrainingConfig.require(ensemble.orElse(1) >= 1, "ensemble", ensemble.orElse(1), "1 or more");
        if (ensemble.orElse(1) > 1 && pooling.equals(Optional.of(Pooling.MEAN))) {
            throw AlignException.usage("ensemble and pooling mean are both given; choose one");
        }
        if (lossType == LossType.MSE && centerRewardsCoefficient > 0) {
            throw AlignException.usage(
                    "center_rewards_coefficient is given, but mse itself says where rewards lie;" + " leave it out");
        }
        if (lossType != LossType.BRADLEY_TERRY && (marginCoef.isPresent() || rankingPairs != PairRule.Which.ALL)) {
            throw AlignException.usage(
                    "margin_coef and ranking_pairs belong to loss_type bradley_terry; leave them out");
        }
    }

    /**
     * What is minimised, with rewards for log-ratios.
     *
     * @param margins whether every row has a margin
     */
    public Objective objective(boolean margins) {
        return switch (lossType) {
            case BRADLEY_TERRY ->
                new OverPairs(
                        new Dpo(1, 0, marginCoef.orElse(margins ? 1.0 : 0.0), Divergence.REVERSE_KL),
                        new PairRule(rankingPairs, 1),
                        false,
                        true);
            case BEST_OF_N -> new BestOfN(1);
            case PLACKETT_LUCE -> new PlackettLuce(1);
            case MSE -> new SquaredError();
        };
    }
}
