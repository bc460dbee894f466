package org.align4j.objective;

/**
 * What an objective sees of a completion y of a prompt x.
 *
 * @param tier its place in the ranking: 0 is best, equal is tied
 * @param score how good somebody found it, higher is better; NaN where the data does not say
 * @param length |y|, its predicted tokens
 * @param logp log π(y|x), nats
 * @param referenceLogp log π_ref(y|x), nats; 0 where no reference is needed
 * @param tokenLogps log π of every token; null unless {@link Need#TOKENS}
 * @param referenceTokenLogps likewise log π_ref; null unless {@link Need#TOKENS} and {@link Need#REFERENCE}
 * @param certainty mean over tokens of log π(token) − log Σᵥ π(v)²; NaN unless {@link Need#CERTAINTY}
 */
public record Completion(
        int tier,
        double score,
        int length,
        double logp,
        double referenceLogp,
        float[] tokenLogps,
        float[] referenceTokenLogps,
        double certainty) {

    /** Of sums alone. */
    public Completion(int tier, double score, int length, double logp, double referenceLogp) {
        this(tier, score, length, logp, referenceLogp, null, null, Double.NaN);
    }

    /** Its length as a divisor: an empty completion counts as one token, as in TRL. */
    double divisor() {
        return Math.max(1, length);
    }

    /** Σ of the first tokens + α Σ of the rest. */
    static double cut(float[] logps, int kept, double alpha) {
        double head = 0;
        double tail = 0;
        for (int i = 0; i < logps.length; i++) {
            if (i < kept) {
                head += logps[i];
            } else {
                tail += logps[i];
            }
        }
        return head + alpha * tail;
    }
}
