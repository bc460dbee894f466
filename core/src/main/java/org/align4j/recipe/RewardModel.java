package org.align4j.recipe;

import java.nio.file.Path;
import java.util.Optional;
import org.align4j.AlignException;
import org.align4j.checkpoint.AdapterFolder;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.data.Chats;
import org.align4j.model.CausalLm;
import org.align4j.model.Pooling;
import org.align4j.model.ScoreHead;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;

/**
 * A reward model to ask: its folder, perhaps under an adapter; or a language model under an adapter that brings the head. Its
 * weights are in memory only between {@link #load} and the end of what that gives.
 */
final class RewardModel implements AutoCloseable {
    private final ModelChoice choice;
    private final ModelFolder folder;
    private final Tokenizer tokenizer;
    private final ScoreHead.Shape shape;

    private RewardModel(ModelChoice choice, ModelFolder folder, Tokenizer tokenizer, ScoreHead.Shape shape) {
        this.choice = choice;
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.shape = shape;
    }

    static RewardModel open(ModelChoice choice) {
        ModelFolder folder = ModelFolder.open(choice.base());
        try {
            ScoreHead.Shape shape = shape(choice, folder);
            return new RewardModel(choice, folder, Tokenizer.load(choice.base()), shape);
        } catch (RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    /** With its weights. */
    record Loaded(CausalLm base, CausalLm model) implements AutoCloseable {
        @Override
        public void close() {
            model.close();
            base.close();
        }
    }

    Loaded load(Dtype dtype) {
        CausalLm base = ModelLoader.loadScoring(folder, dtype, false, new ModelLoader.FreshHead(shape, 0, 0));
        try {
            return new Loaded(base, choice.over(base));
        } catch (RuntimeException e) {
            base.close();
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

    private ScoreHead head() {
        return ModelLoader.scoring(folder, shape);
    }

    /** What the user called it. */
    Path path() {
        return choice.adapter().orElse(choice.base());
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /** @param given a chat template in the place of its own */
    Chats chats(Optional<String> given) {
        return Chats.of(GivenTemplate.orOwn(given, choice.base()));
    }

    /** Whether it judges steps. */
    boolean ofSteps() {
        return RewardKind.ofSteps(head());
    }

    /** How many rewards it gives a completion. */
    int heads() {
        return head().shape().labels();
    }

    Pooling pooling() {
        return RewardKind.pooling(head(), folder);
    }

    /**
     * The padding token: what config.json says, as transformers has it; of a language model under an adapter what training
     * took. −1 if there is none.
     */
    int padId() {
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
        tokenizer.close();
        folder.close();
    }
}
