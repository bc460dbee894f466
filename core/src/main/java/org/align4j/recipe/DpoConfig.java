package org.align4j.recipe;

import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.config.Checked;
import org.align4j.config.ConfigSchema;
import org.align4j.config.Key;
import org.align4j.config.Keys;
import org.align4j.objective.Divergence;
import org.align4j.objective.Hyperparameters;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;
import org.align4j.objective.Objectives;
import org.align4j.objective.PairRule;

/** Everything that a DPO run can be told. Names and defaults are TRL's where TRL has them. */
public record DpoConfig(
        @Keys TrainingConfig training,

        @Keys ReferenceConfig reference,

        @Keys TurnsConfig turns,

        @Key(value = "0.1", doc = "strength of the KL constraint to the reference")
        double beta,

        @Key(
                value = "sigmoid",
                doc =
                        "the loss, or several separated by commas: sigmoid (DPO), sigmoid_norm, hinge, ipo, exo_pair, robust,"
                                + " discopop, nca_pair, bco_pair, sppo_hard, apo_zero, apo_down, aot, aot_unpaired, rdpo, dpop,"
                                + " rao_kupper, davidson, simpo, orpo, cpo; of whole rankings plackett_luce, best_of_n, lipo,"
                                + " rrhf, infonca, nca; sft, nll")
        String lossType,

        @Key(doc = "weights of several losses, separated by commas; by default 1 each")
        Optional<String> lossWeights,

        @Key(
                doc = "a loss for each source of data, separated by commas, in the place of loss_type; sft and nll read"
                        + " demonstrations")
        Optional<String> dataLossTypes,

        @Key(doc = "weights of data_loss_types, separated by commas; by default 1 each")
        Optional<String> dataLossWeights,

        @Key(doc = "add this times the negative log-likelihood per token of the best completions (RPO)")
        Optional<Double> rpoAlpha,

        @Key(
                value = "0",
                doc = "probability that a label is wrong: 0 to 0.5; for sigmoid conservative DPO; exo_pair needs one")
        double labelSmoothing,

        @Key(value = "all", doc = "pairs of a ranking that count: every better with every worse completion, or fewer")
        PairRule.Which rankingPairs,

        @Key(doc = "weight of the tokens beyond the length of a pair's shorter completion (LD-DPO); by default 1")
        Optional<Double> ldAlpha,

        @Key(value = "false", doc = "weigh pairs by their probability under the policy (WPO)")
        boolean useWeighting,

        @Key(value = "false", doc = "without a reference: its log-probabilities count as 0")
        boolean referenceFree,

        @Key(value = "reverse_kl", doc = "divergence that holds the policy to the reference")
        Divergence.Kind fDivergenceType,

        @Key(value = "0.5", doc = "α of alpha_divergence") double fAlphaDivergenceCoef,

        @Key(value = "0", doc = "sigmoid asks for this times the margin, or difference of scores, that the data gives")
        double marginCoef,

        @Key(value = "true", doc = "ipo with log-ratios per token, as TRL; false: sums, as its paper and OpenRLHF")
        boolean ipoAveraged,

        @Key(value = "0.05", doc = "τ of discopop") double discopopTau,

        @Key(value = "false", doc = "bco_pair shifted by the running mean of rewards, as its paper and older TRL")
        boolean bcoRunningDelta,

        @Key(value = "0.01", doc = "α of rdpo, per token") double rdpoAlpha,

        @Key(value = "50", doc = "λ of dpop") double dpopLambda,

        @Key(doc = "ν of rao_kupper (by default 3) and davidson (1): how readily equals are tied")
        Optional<Double> tieNu,

        @Key(value = "0.5", doc = "γ of simpo: the margin of its rewards")
        double simpoGamma,

        @Key(value = "0", doc = "α of AlphaPO, a shape of simpo's reward; 0: SimPO")
        double alphapoAlpha,

        @Key(value = "1", doc = "weight of the negative log-likelihood in cpo")
        double cpoAlpha,

        @Key(value = "1", doc = "α of infonca and nca, in units of the scores")
        double scoreTemperature)
        implements Hyperparameters, Checked {

    /** The keys. */
    public static final ConfigSchema<DpoConfig> SCHEMA = new ConfigSchema<>(DpoConfig.class);

    /** The keys of {@code align4j orpo}: the loss is orpo, and what it does not use has no other value than its default. */
    public static final ConfigSchema<DpoConfig> ORPO = SCHEMA.fixing(
            "align4j orpo trains with the loss orpo alone, which needs no reference; align4j dpo has all losses",
            "loss_type=orpo",
            "loss_weights",
            "data_loss_types",
            "data_loss_weights",
            "reference",
            "sync_ref_model",
            "ref_model_mixup_alpha",
            "ref_model_sync_steps",
            "reference_logps",
            "cache_dir",
            "reference_free",
            "label_smoothing",
            "f_divergence_type",
            "f_alpha_divergence_coef",
            "margin_coef",
            "ipo_averaged",
            "discopop_tau",
            "bco_running_delta",
            "rdpo_alpha",
            "dpop_lambda",
            "tie_nu",
            "simpo_gamma",
            "alphapo_alpha",
            "cpo_alpha",
            "score_temperature");

    /** Every objective checks its hyper-parameters. */
    @Override
    public void check() {
        reference.checkWith(training);
        if (dataLossTypes.isPresent()
                && (!lossType.equals("sigmoid") || lossWeights.isPresent() || rpoAlpha.isPresent())) {
            throw AlignException.usage(
                    "data_loss_types is given beside loss_type, loss_weights or rpo_alpha, which are for all sources;"
                            + " choose one");
        }
        if (dataLossWeights.isPresent() && dataLossTypes.isEmpty()) {
            throw AlignException.usage("data_loss_weights is given without data_loss_types; add it");
        }
        int evalSources = training.evalData().size();
        if (dataLossTypes.isPresent()
                && evalSources > 0
                && evalSources != training.data().size()) {
            throw AlignException.usage("eval_data has " + evalSources + " sources and data "
                    + training.data().size()
                    + ", but with data_loss_types each is judged as the one in its place; give as"
                    + " many, or eval_split");
        }
        boolean compared = objective().needs().contains(Need.REFERENCE);
        if (!compared) {
            reference.requireUnused("loss_type " + dataLossTypes.orElse(lossType));
        }
    }

    /** What is minimised. */
    public Objective objective() {
        return sourceLosses()
                .map(losses -> Objectives.bySource(losses.names(), losses.weights(), this))
                .orElseGet(() -> Objectives.of(lossType, lossWeights, rpoAlpha, this));
    }

    /** Which loss judges which source, where that is said. */
    Optional<SourceLosses> sourceLosses() {
        return dataLossTypes.map(
                types -> SourceLosses.of(types, dataLossWeights, training.data().size()));
    }
}
