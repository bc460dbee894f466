package org.align4j.generate;

import java.util.Arrays;

/** One completion under way. */
final class Sequence {
    private final Stop stop;
    private final Sampler sampler;
    private final int[] prompt;
    private final int promptIndex;
    private final int number;
    private final Generator.Listener listener;
    private int[] tokens = new int[16];
    private float[] logps = new float[16];
    private int drawn; // logps there are: the stop token has one too
    private int length;
    private final int limit;
    private Completion.Finish finish;

    /** @param number which completion of its prompt it is */
    Sequence(int[] prompt, int promptIndex, int number, Sampling sampling, Stop stop, Generator.Listener listener) {
        this.prompt = prompt;
        this.promptIndex = promptIndex;
        this.number = number;
        this.listener = listener;
        this.limit = sampling.maxNewTokens();
        this.stop = stop;
        this.sampler = new Sampler(sampling, prompt, number);
    }

    Sampler sampler() {
        return sampler;
    }

    int[] prompt() {
        return prompt;
    }

    int promptIndex() {
        return promptIndex;
    }

    void take(int token, float logp) {
        if (drawn == logps.length) {
            tokens = Arrays.copyOf(tokens, 2 * drawn);
            logps = Arrays.copyOf(logps, 2 * drawn);
        }
        logps[drawn] = logp;
        drawn++;
        if (stop.tokens().contains(token)) {
            finish = Completion.Finish.STOP;
            return;
        }
        tokens[length] = token;
        length++;
        listener.drawn(promptIndex, number, token);
        if (stop.rule().ends(tokens, length)) {
            finish = Completion.Finish.STOP;
        } else if (length == limit) {
            finish = Completion.Finish.LENGTH;
        }
    }

    int length() {
        return length;
    }

    int token(int at) {
        return tokens[at];
    }

    /** The token to go on from; any token for a sequence that ended. */
    int lastToken() {
        return tokens[Math.max(0, length - 1)];
    }

    boolean ended() {
        return finish != null;
    }

    Completion result() {
        return new Completion(Arrays.copyOf(tokens, length), Arrays.copyOf(logps, drawn), finish);
    }
}
