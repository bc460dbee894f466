package org.align4j.recipe;

import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.checkpoint.AdapterFolder;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.model.CausalLm;
import org.align4j.model.Pooling;
import org.align4j.model.ScoreHead;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;

/**
 * A reward model to ask: its folder, perhaps under an adapter; or a language model under an adapter that brings the head.
 */
final class RewardModel implements AutoCloseable {
    private final ModelFolder folder;
    private final ScoreHead head;
    private final CausalLm base;
    private final CausalLm model;

    private RewardModel(ModelFolder folder, ScoreHead head, CausalLm base, CausalLm model) {
        this.folder = folder;
        this.head = head;
        this.base = base;
        this.model = model;
    }

    static RewardModel open(ModelChoice choice, Dtype dtype) {
        ModelFolder folder = ModelFolder.open(choice.base());
        try {
            ScoreHead.Shape shape = shape(choice, folder);
            ScoreHead head = ModelLoader.scoring(folder, shape);
            CausalLm base = ModelLoader.loadScoring(folder, dtype, false, new ModelLoader.FreshHead(shape, 0, 0));
            return new RewardModel(folder, head, base, choice.over(base));
        } catch (RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    /** That of a new head, which the adapter fills. */
    private static ScoreHead.Shape shape(ModelChoice choice, ModelFolder folder) {
        if (ModelLoader.isScoring(folder)) {
            return ScoreHead.Shape.REWARD; // not needed
        }
        if (choice.adapter().isPresent()) {
            try (AdapterFolder adapter = AdapterFolder.open(choice.adapter().get())) {
                Optional<ScoreHead.Shape> own = adapter.head();
                if (own.isPresent()) {
                    return own.get();
                }
            }
        }
        throw AlignException.usage(choice.adapter().orElse(choice.base())
                + ": has no head that gives rewards, expected a sequence classifier, or an adapter of one; name a language"
                + " model as --model instead");
    }

    CausalLm model() {
        return model;
    }

    ScoreHead head() {
        return head;
    }

    /** Whether it judges steps. */
    boolean ofSteps() {
        return RewardKind.ofSteps(head);
    }

    Pooling pooling() {
        return RewardKind.pooling(head, folder);
    }

    /**
     * The padding token: what config.json says, as transformers has it; of a language model under an adapter what training
     * took. −1 if there is none.
     */
    int padId(Tokenizer tokenizer) {
        if (!ModelLoader.isScoring(folder)) {
            return tokenizer.padId().orElseGet(tokenizer::eosId);
        }
        return folder.config().path("pad_token_id").asInt(-1);
    }

    /** What ends a step, if the model says so. */
    Optional<String> stepSeparator() {
        return Optional.of(folder.config().path(RewardKind.STEP_SEPARATOR).asString(""))
                .filter(text -> !text.isEmpty());
    }

    @Override
    public void close() {
        model.close();
        base.close();
        folder.close();
    }
}
