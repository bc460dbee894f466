package org.align4j.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import org.align4j.AlignException;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.model.Pooling;
import org.align4j.model.ScoreHead;

/**
 * How the heads that transformers knows make reward models, and the keys of config.json that say the rest:
 *
 * <pre>
 * sequence classification, 1 label     the reward of the last token
 * the same, n labels                   an ensemble of n, if config.json says "align4j_heads": "ensemble"
 * token classification, 1 label        the reward is the mean over the completion's tokens: "align4j_pooling": "mean"
 * token classification, 2 labels       a process reward model: label 1 of a step's last token
 * </pre>
 */
final class RewardKind {
    static final String STEP_SEPARATOR = "align4j_step_separator";

    private static final String HEADS = "align4j_heads";
    private static final String ENSEMBLE = "ensemble";

    private RewardKind() {}

    /** Whether a head judges steps. */
    static boolean ofSteps(ScoreHead head) {
        return head.shape().kind() == ScoreHead.Kind.TOKEN && head.shape().labels() == 2;
    }

    /**
     * Which tokens make the reward.
     *
     * @throws AlignException for a head that makes none
     */
    static Pooling pooling(ScoreHead head, ModelFolder folder) {
        int labels = head.shape().labels();
        if (head.shape().kind() == ScoreHead.Kind.TOKEN && labels == 1) {
            return Pooling.MEAN;
        }
        boolean own = folder.tensors().containsKey(head.head());
        boolean ensemble = !own || folder.config().path(HEADS).asString("").equals(ENSEMBLE);
        if (head.shape().kind() == ScoreHead.Kind.SEQUENCE && (labels == 1 || ensemble)) {
            return Pooling.LAST;
        }
        throw AlignException.badInput(folder.path() + ": is a classifier with " + labels
                + " labels, expected a reward model, which has one; take another model");
    }

    /** What config.json of a reward model of completions says for us. */
    static Map<String, String> keys(ScoreHead head) {
        Map<String, String> keys = new LinkedHashMap<>();
        if (head.shape().kind() == ScoreHead.Kind.TOKEN) {
            keys.put("align4j_pooling", "mean");
        }
        if (head.shape().labels() > 1) {
            keys.put(HEADS, ENSEMBLE);
        }
        return keys;
    }
}
