package org.align4j.data;

import java.util.List;

/**
 * A prompt and a solution in steps.
 *
 * @param good whether each step is; empty where the data does not say
 */
public record Solution(String prompt, List<String> steps, List<Boolean> good, Source source) {
    public Solution {
        steps = List.copyOf(steps);
        good = List.copyOf(good);
    }
}
