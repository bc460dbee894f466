package org.align4j.recipe;

import java.nio.file.Path;
import java.util.Map;

/**
 * How a run ended.
 *
 * @param finished false when it was asked to stop; then it can be resumed
 * @param before evaluation before the first step, empty without evaluation data; {@code after} likewise
 * @param last metrics of the last step this process did, empty if it did none
 * @param seconds of training in this process
 */
public record RunResult(
        boolean finished,
        int steps,
        int totalSteps,
        Map<String, Object> before,
        Map<String, Object> after,
        Map<String, Object> last,
        double seconds,
        Path output) {}
