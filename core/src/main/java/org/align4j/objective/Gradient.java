package org.align4j.objective;

/**
 * ∂(Σ of the losses of a batch's examples)/∂(log-probabilities), by completion and where need be by token. Completions
 * are counted through the batch.
 */
public final class Gradient {
    private final double[] whole;
    private final double[][] changes; // by completion and token: what is added from that token on; null: nothing

    public Gradient(int completions) {
        whole = new double[completions];
        changes = new double[completions][];
    }

    /** Adds a slope for all tokens of a completion. */
    public void add(int completion, double slope) {
        whole[completion] += slope;
    }

    /** Adds {@code slope} for the first {@code kept} of a completion's tokens, {@code alpha · slope} for the others. */
    public void addCut(int completion, double slope, int kept, int length, double alpha) {
        if (kept >= length) {
            add(completion, slope);
            return;
        }
        whole[completion] += slope;
        if (changes[completion] == null) {
            changes[completion] = new double[length];
        }
        changes[completion][kept] += (alpha - 1) * slope;
    }

    /** Adds a slope for a completion's tokens from {@code first} on. */
    public void addFrom(int completion, double slope, int first, int length) {
        if (changes[completion] == null) {
            changes[completion] = new double[length];
        }
        changes[completion][first] += slope;
    }

    /** Adds a multiple of another gradient, whose completion 0 is this one's {@code offset}. */
    public void add(Gradient other, int offset, double factor) {
        for (int i = 0; i < other.whole.length; i++) {
            whole[offset + i] += factor * other.whole[i];
            if (other.changes[i] != null) {
                double[] target = changes[offset + i];
                if (target == null) {
                    target = new double[other.changes[i].length];
                    changes[offset + i] = target;
                }
                for (int t = 0; t < target.length; t++) {
                    target[t] += factor * other.changes[i][t];
                }
            }
        }
    }

    /** That of some completions in a row. */
    public Gradient part(int from, int count) {
        Gradient part = new Gradient(count);
        System.arraycopy(whole, from, part.whole, 0, count);
        System.arraycopy(changes, from, part.changes, 0, count);
        return part;
    }

    /** The slope of a completion that is the same for all its tokens. */
    public double at(int completion) {
        if (changes[completion] != null) {
            throw new IllegalStateException("the tokens of completion " + completion + " have different slopes");
        }
        return whole[completion];
    }

    /** The slopes of a completion's tokens. */
    public double[] tokens(int completion, int length) {
        double[] slopes = new double[length];
        double slope = whole[completion];
        for (int t = 0; t < length; t++) {
            slope += changes[completion] == null ? 0 : changes[completion][t];
            slopes[t] = slope;
        }
        return slopes;
    }
}
