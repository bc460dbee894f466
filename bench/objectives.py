"""Trains every objective with one command each and prints a table of what it does to rows held out.

    python bench/objectives.py MODEL DATA [--only "NAME;…"] [--flags "--max-length 256 …"]

DATA is a preference file; the same rows are held out in every run. Python's own library is enough. Lines of finished runs are
kept in objectives.jsonl beside the output (--work), so that a run that was stopped goes on.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys

# name, its own settings. A learning rate for all, and what brings a loss into its own range: β is not one unit for all.
DPO = [
    ("sigmoid", ""),
    ("sigmoid, cDPO", "--loss-type sigmoid --label-smoothing 0.1"),
    ("sigmoid, reference_free", "--loss-type sigmoid --reference-free"),
    ("sigmoid, ld_alpha", "--loss-type sigmoid --ld-alpha 0.5"),
    ("sigmoid, WPO", "--loss-type sigmoid --use-weighting"),
    ("sigmoid, Jensen–Shannon", "--loss-type sigmoid --f-divergence-type js_divergence"),
    ("sigmoid, forward KL", "--loss-type sigmoid --f-divergence-type forward_kl"),
    ("sigmoid, α-divergence", "--loss-type sigmoid --f-divergence-type alpha_divergence"),
    ("sigmoid, TR-DPO", "--loss-type sigmoid --sync-ref-model --ref-model-sync-steps 20"),
    ("sigmoid_norm", "--beta 5"),
    ("ipo", "--beta 1"),
    ("ipo, sums", "--loss-type ipo --ipo-averaged false"),
    ("hinge", ""),
    ("robust", "--label-smoothing 0.1"),
    ("exo_pair", "--label-smoothing 0.001"),
    ("discopop", ""),
    ("nca_pair", ""),
    ("sppo_hard", ""),
    ("apo_zero", ""),
    ("apo_down", ""),
    ("bco_pair", ""),
    ("aot", ""),
    ("aot_unpaired", ""),
    ("rdpo", ""),
    ("dpop", ""),
    ("rao_kupper", ""),
    ("davidson", ""),
    ("simpo", "--beta 2.5 --simpo-gamma 1.4"),
    ("orpo", ""),
    ("cpo", ""),
    ("plackett_luce", ""),
    ("best_of_n", ""),
    ("lipo", ""),
    ("rrhf", ""),
    ("sft", ""),
    ("sigmoid, RPO", "--loss-type sigmoid --rpo-alpha 1"),
    ("sigmoid + bco_pair + sft, MPO", "--loss-type sigmoid,bco_pair,sft --loss-weights 0.8,0.2,1"),
]
RUNS = [("dpo", name, flags if "--loss-type" in flags else f"--loss-type {name} {flags}") for name, flags in DPO]
RUNS += [("kto", f"kto {name}", f"--loss-type {name}") for name in ("kto", "apo_zero_unpaired", "bco")]
# Its head begins at random.
RUNS += [("reward", "reward bradley_terry", "--loss-type bradley_terry --learning-rate 1e-3 --max-steps 200")]
ROOT = pathlib.Path(__file__).resolve().parent.parent


def settings(*texts):
    """Options of all texts; a later one takes the place of an earlier one of that name."""
    options = {}
    for word in shlex.split(" ".join(texts)):
        if word.startswith("--"):
            options[word] = key = [word]
        else:
            key.append(word)
    return sum(options.values(), [])


def run(command, flags, arguments, work):
    line = [ROOT / "align4j", command, "--model", arguments.model, "--data", arguments.data, "--output", work / "run"]
    line += ["--overwrite", "--save-steps", "0", *settings(arguments.flags, flags)]
    if command != "reward":
        line += ["--cache-dir", work / "cache"]
    done = subprocess.run(line, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(map(str, line))}\n{done.stderr[-2000:]}")
    rows = [json.loads(line) for line in (work / "run" / "metrics.jsonl").read_text().splitlines()]
    evals = [row for row in rows if "eval_loss" in row]
    return {"first": evals[0], "last": evals[-1], "steps": rows[-1]["step"]}


def line(name, flags, result):
    first, last = result["first"], result["last"]

    def of(key, digits, sign=""):
        return format(last[key], f"{sign}.{digits}f") if key in last else ""

    def change(key):
        return f"{last[key] - first[key]:+.1f}" if key in last else ""

    accuracy = of("eval_rewards/accuracies", 3) or of("eval_accuracy", 3)
    before = first.get("eval_rewards/accuracies", first.get("eval_accuracy", 0))
    if before and accuracy:  # without a reference there is a reward before training, too
        accuracy = f"{before:.3f} → {accuracy}"
    margin = of("eval_rewards/margins", 3) or of("eval_margin", 3)
    settings = f"`{flags.strip()}`"
    return (
        f"| {name} | {settings} | {short(first['eval_loss'])} → {short(last['eval_loss'])} | {accuracy} | {margin}"
        f" | {change('eval_logps/chosen')} | {change('eval_logps/rejected')} |"
    )


def short(loss):
    return f"{loss:.4f}" if abs(loss) < 1e4 else f"{loss:.1e}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--flags", default="", help="settings of all runs")
    parser.add_argument("--only", default="", help="names, separated by semicolons")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("objectives"))
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    kept = arguments.work / "objectives.jsonl"
    done = {}
    if kept.exists():
        done = {row["name"]: row["result"] for row in map(json.loads, kept.read_text().splitlines())}
    print("| objective | settings | loss | accuracy | margin | chosen, nats | rejected, nats |\n|---|---|---|---|---|---|---|")
    for command, name, flags in RUNS:
        if arguments.only and name not in arguments.only.split(";"):
            continue
        if name not in done:
            done[name] = run(command, flags, arguments, arguments.work)
            with kept.open("a") as file:
                print(json.dumps({"name": name, "result": done[name]}), file=file)
        print(line(name, flags, done[name]), flush=True)


if __name__ == "__main__":
    main()
