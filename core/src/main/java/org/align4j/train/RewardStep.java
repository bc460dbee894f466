package org.align4j.train;

import java.util.Map;
import java.util.Optional;
import org.align4j.data.PackedBatch;
import org.align4j.model.Pooling;

/** A step, or an evaluation, of a model that gives a completion a reward. */
public final class RewardStep implements HeadStep {
    private final Pooling pooling;
    private final int padId;
    private final RewardLoss loss;
    private final boolean calibrated;
    private final RewardMetrics metrics = new RewardMetrics();

    /** @param calibrated whether the metrics say how well the rewards are calibrated, which few examples cannot tell */
    public RewardStep(Pooling pooling, int padId, RewardLoss loss, boolean calibrated) {
        this.pooling = pooling;
        this.padId = padId;
        this.loss = loss;
        this.calibrated = calibrated;
    }

    @Override
    public int[] tokens(PackedBatch packed) {
        return pooling.readings(packed, padId).tokens();
    }

    @Override
    public float[] add(PackedBatch packed, double[] outputs) {
        Pooling.Readings readings = pooling.readings(packed, padId);
        double[][] rewards = readings.rewards(outputs);
        RewardLoss.Result result = loss.of(packed, rewards);
        metrics.add(packed, rewards, result.losses());
        return readings.slopes(result.slopes());
    }

    @Override
    public double loss() {
        return metrics.loss();
    }

    /** Of the pairs, if that is to be known and there are any. */
    public Optional<Calibration> calibration() {
        return Optional.of(metrics.calibration()).filter(each -> calibrated && each.weight() > 0);
    }

    @Override
    public Map<String, Object> toMap(String prefix) {
        Map<String, Object> map = metrics.toMap(prefix);
        calibration().ifPresent(each -> map.put(prefix + "calibration_error", each.expectedError()));
        return map;
    }
}
