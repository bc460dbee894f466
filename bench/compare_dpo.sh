#!/bin/sh
# The same DPO steps in align4j and in TRL, three times in turn, with the median of tokens/s and of peak memory.
# Both take rows in file order, count tokens as TRL does and leave the first step out; both compute the reference
# beforehand, outside the timing.
#
#   bench/compare_dpo.sh PYTHON MODEL DATA [STEPS] [BATCH] [MAX_LENGTH] [float32|bf16]
set -eu
python=${1:?the Python that has TRL} model=${2:?a model folder} data=${3:?a preference file without bad rows}
steps=${4:-6} batch=${5:-4} length=${6:-512} dtype=${7:-float32}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
theirs=$dtype
[ "$dtype" = float32 ] || theirs=bf16_autocast

for round in 1 2 3; do
    "$here/../align4j" dpo --model "$model" --data "$data" --output "$work/out" --cache-dir "$work/cache" --overwrite \
        --shuffle false --max-steps "$steps" --train-batch-size "$batch" --max-length "$length" --dtype "$dtype" \
        --save-steps 0 --on-bad-row skip 2>"$work/ours.$round.log"
    cp "$work/out/metrics.jsonl" "$work/ours.$round.jsonl"
    "$python" "$here/trl_dpo_run.py" --model "$model" --data "$data" --steps "$steps" --batch-size "$batch" \
        --max-length "$length" --dtype "$theirs" --precompute >"$work/trl.$round.jsonl" 2>"$work/trl.$round.log"
done

"$python" - "$work" <<'PYTHON'
import json, pathlib, re, statistics, sys

work = pathlib.Path(sys.argv[1])
ours, theirs, our_memory, their_memory = [], [], [], []
for round in "123":
    rows = [json.loads(line) for line in (work / f"ours.{round}.jsonl").read_text().splitlines()]
    tokens = rows[-1]["num_tokens"] - rows[0]["num_tokens"]
    seconds = sum((b["num_tokens"] - a["num_tokens"]) / b["tokens_per_second"] for a, b in zip(rows, rows[1:]))
    ours.append(tokens / seconds)
    log = (work / f"ours.{round}.log").read_text()
    our_memory.append(float(re.search(r"at most ([\d.]+) GB", log).group(1)))
    summary = json.loads((work / f"trl.{round}.jsonl").read_text().splitlines()[-1])["summary"]
    theirs.append(summary["tokens_per_second"])
    their_memory.append(summary["peak_rss_mb"] * 1.048576 / 1000)
a, b = statistics.median(ours), statistics.median(theirs)
m, n = statistics.median(our_memory), statistics.median(their_memory)
print(f"align4j {a:,.0f} tokens/s  {m:.1f} GB    TRL {b:,.0f} tokens/s  {n:.1f} GB    speed ratio {a / b:.2f}  memory ratio {m / n:.2f}")
print("rounds:", ", ".join(f"{x / y:.2f}" for x, y in zip(ours, theirs)))
PYTHON
