package org.align4j.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.align4j.data.Chats;
import org.align4j.data.DemonstrationReader;
import org.align4j.data.OnBadRow;
import org.align4j.data.RankingReader;
import org.align4j.data.RowStore;
import org.align4j.data.TrainedTurns;
import org.align4j.objective.BySource;
import org.align4j.objective.Dpo;
import org.align4j.objective.InfoNca;
import org.align4j.objective.Mixture;
import org.align4j.objective.Need;
import org.align4j.objective.Objective;
import org.align4j.text.Tokenizer;
import org.align4j.train.DemonstrationMetrics;
import org.align4j.train.PreferenceMetrics;
import org.align4j.train.SourceMetrics;
import org.align4j.train.StepMetrics;

/**
 * Direct Preference Optimization and its family, from a model folder and a preference file to an aligned model folder. The
 * loss is {@link Dpo} or another {@link Objective}, the loop {@link PolicyLoop}.
 */
public final class DpoRecipe implements PolicyTask {
    private final DpoConfig config;
    private final Objective objective;
    private final Optional<SourceLosses> losses;
    private final List<Objective> judges; // of the sources; the one objective where there is no other

    private DpoRecipe(DpoConfig config) {
        this.config = config;
        this.objective = config.objective();
        this.losses = config.sourceLosses();
        this.judges = objective instanceof BySource several
                ? several.parts().stream().map(Mixture.Part::objective).toList()
                : List.of(objective);
    }

    /** Runs to the end, or until the listener asks to stop. */
    public static RunResult run(DpoConfig config, RunListener listener) {
        return PolicyLoop.run(new DpoRecipe(HubFiles.local(DpoConfig.SCHEMA, config, listener)), listener);
    }

    @Override
    public TrainingConfig config() {
        return config.training();
    }

    @Override
    public Map<String, Object> settings() {
        return DpoConfig.SCHEMA.toMap(config);
    }

    @Override
    public Optional<ReferenceConfig> reference() {
        return Optional.of(config.reference());
    }

    @Override
    public TrainedTurns turns() {
        return config.turns().turns();
    }

    @Override
    public TrainingData data(Tokenizer tokenizer, Chats chats, RowStore store, RunListener listener) {
        TrainingData data = TrainingData.load(config(), source -> reading(source, chats), tokenizer, store, listener);
        for (int k = 0; k < judges.size(); k++) {
            if (judges.get(k).needs().contains(Need.SCORES)) {
                data.requireScores(k, needsScores(k));
            }
        }
        return data;
    }

    /** What asks for scores: a margin, if there is one and the loss is not one of scores anyway. */
    private String needsScores(int judge) {
        if (config.marginCoef() > 0 && !(judges.get(judge) instanceof InfoNca)) {
            return "margin_coef " + config.marginCoef();
        }
        return losses.map(each -> "data_loss_types " + each.names().get(judge))
                .orElse("loss_type " + config.lossType());
    }

    private TrainingData.Reading reading(int source, Chats chats) {
        int judge = losses.map(each -> each.ofSource().get(source)).orElse(0);
        OnBadRow onBadRow = config().onBadRow();
        if (losses.isPresent() && losses.get().ofDemonstrations(judge)) {
            return new TrainingData.Reading(
                    (file, rows) -> DemonstrationReader.read(file, onBadRow, chats, true, rows), judge);
        }
        boolean allTied = judges.get(judge).needs().contains(Need.TIES);
        return new TrainingData.Reading(
                (file, rows) -> RankingReader.read(file, onBadRow, chats, allTied, rows), judge);
    }

    @Override
    public Objective objective() {
        return objective;
    }

    @Override
    public StepMetrics metrics() {
        StepMetrics all = preferences(objective);
        if (judges.size() == 1) {
            return all;
        }
        List<SourceMetrics.Part> parts = new ArrayList<>();
        for (int k = 0; k < judges.size(); k++) {
            StepMetrics own =
                    losses.get().ofDemonstrations(k) ? new DemonstrationMetrics() : preferences(judges.get(k));
            parts.add(new SourceMetrics.Part(
                    losses.get().label(k), losses.get().weights().get(k), own));
        }
        return new SourceMetrics(all, parts);
    }

    private PreferenceMetrics preferences(Objective judge) {
        return new PreferenceMetrics(judge, config.ldAlpha().orElse(1.0));
    }

    @Override
    public References references(TrainingRun run) {
        return References.of(run, config.reference(), objective);
    }
}
