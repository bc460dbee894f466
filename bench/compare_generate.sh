#!/bin/sh
# Samples from one prompt here and with transformers' generate, three times in turn, and prints the medians of tokens/s
# and their ratio, and the share that we reach of what memory and processor allow. Loading is not timed on either
# side. Both sample for ten seconds before five are timed; the first call of a process is timed too.
#
#   bench/compare_generate.sh PYTHON MODEL [COMPLETIONS] [MAX_NEW_TOKENS] [float32|bf16]
set -eu
python=${1:?the Python that has transformers} model=${2:?a model folder}
n=${3:-8} new=${4:-128} dtype=${5:-float32}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prompt="The old lighthouse keeper had seen many storms, but none like the one that came on the last night of October. He wrote down what he saw, hour by hour, so that whoever found the book would know. At six in the evening the wind turned, and"

"$here/../align4j" --version >"$work/log" # builds
# As the launcher sets them.
tunables=glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=67108864
for round in 1 2 3; do
    GLIBC_TUNABLES=$tunables OMP_WAIT_POLICY=passive OPENBLAS_THREAD_TIMEOUT=4 \
        java -cp "$here/../cli/target/align4j-cli.jar" "$here/GenerateRun.java" "$model" "$prompt" "$n" "$new" "$dtype" \
        >"$work/ours.$round"
    # As PyTorch is used: its threads wait awake, which is faster on an idle machine.
    env -u OMP_WAIT_POLICY "$python" "$here/generate_run.py" --model "$model" --prompt "$prompt" --n "$n" \
        --max-new-tokens "$new" --dtype "$dtype" >"$work/theirs.$round" 2>"$work/log"
done
"$python" "$here/generate_run.py" --model "$model" --prompt "$prompt" --n "$n" --max-new-tokens "$new" --dtype "$dtype" \
    --limit >"$work/limit" 2>"$work/log"

"$python" - "$work" <<'PYTHON'
import json, pathlib, statistics, sys

work = pathlib.Path(sys.argv[1])


def read(side):
    rounds = [(work / f"{side}.{r}").read_text().split() for r in "123"]
    return [[float(numbers[i]) for numbers in rounds] for i in (0, 1)]


(first, ours), (their_first, theirs) = read("ours"), read("theirs")
a, b = statistics.median(ours), statistics.median(theirs)
print(f"align4j {a:,.0f} tokens/s    transformers {b:,.0f} tokens/s    ratio {a / b:.2f}")
a1, b1 = statistics.median(first), statistics.median(their_first)
print(f"first call: {a1:,.0f}    {b1:,.0f}    ratio {a1 / b1:.2f}")
limit = json.loads((work / "limit").read_text())
bound = min(("memory", "compute"), key=limit.get)
print(
    f"{bound} allows {limit[bound]:,.0f} tokens/s ({limit['GB/s']:.1f} GB/s, {limit['GFLOP/s']:.0f} GFLOP/s): "
    f"reached {a / limit[bound]:.0%} here, {b / limit[bound]:.0%} there"
)
print("rounds:", ", ".join(f"{x / y:.2f}" for x, y in zip(ours, theirs)))
PYTHON
