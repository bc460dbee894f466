#!/bin/sh
# What a ranking of 8 completions costs as one tree, as four pairs, and as all of its 28 pairs (the same loss as the tree's), in
# steps of training with the same completions: seconds and tokens that are computed. Pairs are trees, too: without them every
# pair would compute its prompt twice.
#
#   bench/trees.sh PYTHON MODEL DATA [PROMPT_TOKENS] [COMPLETION_TOKENS] [RANKINGS] [STEPS] [DTYPE]
#
# Texts are cut out of DATA, a file of {prompt, chosen, rejected}. The first step is not counted.
set -eu
python=${1:?a Python that has transformers} model=${2:?a model folder} data=${3:?a preference file}
prompt=${4:-256} completion=${5:-32} rankings=${6:-2} steps=${7:-4} dtype=${8:-float32}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" - "$work" "$model" "$data" "$prompt" "$completion" "$((rankings * steps))" <<'PYTHON'
import itertools, json, pathlib, sys
from transformers import AutoTokenizer

work, model, data = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
prompt, completion, count = map(int, sys.argv[4:])
tokenizer = AutoTokenizer.from_pretrained(model)
ids = (
    i
    for line in itertools.cycle(open(data, encoding="utf-8"))
    for i in tokenizer(" ".join(json.loads(line)[k] for k in ("prompt", "chosen")), add_special_tokens=False).input_ids
)
text = lambda length: tokenizer.decode(list(itertools.islice(ids, length)))  # about so many tokens when read again
files = {name: open(work / f"{name}.jsonl", "w") for name in ("tree", "pairs4", "pairs28")}
computed = dict.fromkeys(files, 0)
size = lambda s: len(tokenizer(s).input_ids)
for _ in range(count):
    start, ends = text(prompt), [f" {k}) {text(completion)}" for k in range(8)]  # texts may repeat themselves
    p, e = size(start), [size(start + x) - size(start) + 1 for x in ends]
    write = lambda name, row: print(json.dumps(row), file=files[name])
    write("tree", {"prompt": start, "completions": ends, "ranks": list(range(1, 9))})
    computed["tree"] += p + sum(e)
    for name, pairs in ("pairs4", [(i, i + 1) for i in (0, 2, 4, 6)]), ("pairs28", itertools.combinations(range(8), 2)):
        for a, b in pairs:
            write(name, {"prompt": start, "chosen": ends[a], "rejected": ends[b]})
            computed[name] += p + e[a] + e[b]
json.dump(computed, open(work / "computed.json", "w"))
PYTHON

for name in tree pairs4 pairs28; do
    case $name in tree) rows=$rankings ;; pairs4) rows=$((4 * rankings)) ;; *) rows=$((28 * rankings)) ;; esac
    "$here/../align4j" dpo --model "$model" --data "$work/$name.jsonl" --output "$work/$name" --cache-dir "$work/cache" \
        --shuffle false --max-steps "$steps" --num-train-epochs 1 --train-batch-size "$rows" --dtype "$dtype" --save-steps 0 \
        2>"$work/$name.log" || { cat "$work/$name.log" >&2; exit 1; }
done

"$python" - "$work" "$steps" <<'PYTHON'
import json, pathlib, re, sys

work, steps = pathlib.Path(sys.argv[1]), int(sys.argv[2])
computed = json.loads((work / "computed.json").read_text())
result = {}
for name in computed:
    rows = [json.loads(line) for line in (work / name / "metrics.jsonl").read_text().splitlines()]
    rows = [row for row in rows if "loss" in row and row["step"] > 0]
    seconds = sum((b["num_tokens"] - a["num_tokens"]) / b["tokens_per_second"] for a, b in zip(rows, rows[1:])) / (steps - 1)
    memory = float(re.search(r"at most ([\d.]+) GB", (work / f"{name}.log").read_text()).group(1))
    result[name] = seconds, computed[name] / steps, memory, rows[0]["loss"], rows[-1]["grad_norm"]
for name, (seconds, tokens, memory, loss, norm) in result.items():
    print(
        f"{name:8} {seconds:8.2f} s  {tokens:9,.0f} tokens  {memory:.1f} GB  first loss {loss:.4f}  last grad_norm {norm:.4f}"
        f"   time of the tree ×{seconds / result['tree'][0]:.2f}, tokens ×{tokens / result['tree'][1]:.2f}"
    )
PYTHON
