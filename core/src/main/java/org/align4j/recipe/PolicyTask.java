package org.align4j.recipe;

import org.align4j.objective.Objective;
import org.align4j.train.StepMetrics;

/** A training whose loss is made of log-probabilities. */
interface PolicyTask extends TrainingTask {
    /** What is minimised. */
    Objective objective();

    /** Empty sums for a step or an evaluation. */
    StepMetrics metrics();

    /** Reference log-probabilities. */
    default References references(TrainingRun run) {
        return References.none();
    }
}
