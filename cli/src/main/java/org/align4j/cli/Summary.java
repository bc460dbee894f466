package org.align4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.align4j.Words;
import org.align4j.recipe.RunResult;
import org.align4j.recipe.TrainingConfig;

/** What a run came to, as a table and what to do next. */
final class Summary {
    /** What is worth a row, of whatever was trained. */
    private static final List<String> METRICS = List.of(
            "loss",
            "mean_token_accuracy",
            "accuracy",
            "margin",
            "mean_reward",
            "reward_std",
            "calibration_error",
            "rewards/accuracies",
            "rewards/margins",
            "rewards/chosen",
            "rewards/rejected",
            "logps/chosen",
            "logps/rejected",
            "kl");

    private Summary() {}

    static void print(RunResult result, TrainingConfig config, Console console) {
        console.message("");
        if (result.after().containsKey("eval_loss")) {
            Table table = new Table("evaluation", "before", "after");
            for (String metric : METRICS) {
                if (result.after().containsKey("eval_" + metric)) {
                    table.row(metric, show(result.before(), "eval_" + metric), show(result.after(), "eval_" + metric));
                }
            }
            console.message(table.toString()); // ends in an empty line
        } else if (!result.last().isEmpty()) {
            Table table = new Table("training", "last step");
            for (String metric : METRICS) {
                if (result.last().containsKey(metric)) {
                    table.row(metric, show(result.last(), metric));
                }
            }
            console.message(table.toString());
        }
        String memory = peakMemory();
        console.message("%,d of %s, %s of training%s"
                .formatted(
                        result.steps(),
                        Words.count(result.totalSteps(), "step"),
                        Numbers.duration(result.seconds()),
                        memory));
        if (result.finished()) {
            console.message((config.usePeft() ? "trained adapter: " : "trained model: ") + result.output()
                    + " (metrics.jsonl, training_config.yaml, provenance.json)");
        } else {
            console.message("stopped; go on with the same command and --resume");
        }
    }

    private static String show(Map<String, Object> metrics, String key) {
        Object value = metrics.get(key);
        return value == null ? "–" : String.format(Locale.ROOT, "%.4f", ((Number) value).doubleValue());
    }

    /** The largest memory this process has held, where the system tells. */
    private static String peakMemory() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) {
                    long kibibytes = Long.parseLong(line.replaceAll("\\D", ""));
                    return String.format(Locale.ROOT, ", at most %.1f GB of memory", kibibytes * 1024 / 1e9);
                }
            }
        } catch (IOException e) {
            // Not Linux: nothing to say.
        }
        return "";
    }
}
