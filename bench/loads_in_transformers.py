"""Does transformers read a folder that align4j wrote, and does it compute the same log-probabilities?

    python bench/loads_in_transformers.py MODEL_DIR
    python bench/loads_in_transformers.py MODEL_DIR --data rows.jsonl > theirs.jsonl
    python bench/loads_in_transformers.py MODEL_DIR --like BASE_DIR
    python bench/loads_in_transformers.py MODEL_DIR --golden GOLDEN_DIR
    python bench/loads_in_transformers.py --diff ours.jsonl theirs.jsonl

With --data, standard output has one line a row, as `align4j score` writes it:
{"row": 1, "completions": [{"num_tokens": 9, "logp": -12.3}, ...]}. Everything else goes to standard error. With --like,
the folder must have the tensors, shapes, types and tokenizer of another one; with --golden, it needs no tokenizer, and
its logits must be those stored beside a golden model; with --diff, two such outputs are compared
(exit 1 where they differ by more than --tolerance).
Tokens as in TRL: EOS is appended where it is missing, prompt and completion are tokenised together and cut where the
tokens of the prompt alone diverge from them.
"""

import argparse
import json
import math
import sys
from pathlib import Path


def say(*words):
    print(*words, file=sys.stderr)


def load_model(folder, dtype):
    import torch
    import transformers
    from transformers import AutoModelForCausalLM

    transformers.utils.logging.disable_progress_bar()
    kind = {"auto": "auto", "float32": torch.float32, "bf16": torch.bfloat16, "float64": torch.float64}[dtype]
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=kind, output_loading_info=True)
    trouble = {k: sorted(map(str, v)) for k, v in info.items() if v}
    if trouble:
        sys.exit(f"{folder}: {trouble}")
    return model.eval()


def load(folder, dtype):
    from transformers import AutoTokenizer

    return load_model(folder, dtype), AutoTokenizer.from_pretrained(folder)


def rows_of(path):
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            if "prompt" not in row:
                from trl.data_utils import extract_prompt

                row = extract_prompt(row)
            yield row["prompt"], [row["chosen"], row["rejected"]]


def tokens_of(tokenizer, prompt, completions):
    """The prompt's ids and each completion's, as TRL's DPOTrainer makes them."""
    alone = tokenizer(prompt)["input_ids"]
    eos = tokenizer.eos_token
    together = [tokenizer(prompt + (c if c.endswith(eos) else c + eos))["input_ids"] for c in completions]
    cut = len(alone)
    for ids in together:
        while alone[:cut] != ids[:cut]:
            cut -= 1
    return alone[:cut], [ids[cut:] for ids in together]


def score(model, tokenizer, path, max_length):
    import torch

    kept = 0
    for index, (prompt, completions) in enumerate(rows_of(path), 1):
        trunk, branches = tokens_of(tokenizer, prompt, completions)
        if max_length is not None and len(trunk) >= max_length:
            say(f"row {index}: dropped, its prompt alone has {len(trunk)} tokens")
            continue
        kept += 1
        results = []
        for branch in branches:
            ids = torch.tensor([(trunk + branch)[:max_length]])
            with torch.no_grad():
                logits = model(ids, use_cache=False).logits[0, :-1]
            logits = logits if logits.dtype == torch.float64 else logits.float()
            logps = logits.log_softmax(-1).gather(-1, ids[0, 1:, None])[:, 0]
            first = max(len(trunk) - 1, 0)  # without a trunk, the first token is context only
            results.append({"num_tokens": len(logps) - first, "logp": logps[first:].sum().item()})
        print(json.dumps({"row": index, "completions": results}))
    say(f"scored {kept} rows")


def compare_folders(model, tokenizer, folder):
    other, other_tokenizer = load(folder, "auto")
    mine, theirs = model.state_dict(), other.state_dict()
    problems = [f"missing {k}" for k in theirs.keys() - mine.keys()]
    problems += [f"not expected {k}" for k in mine.keys() - theirs.keys()]
    changed = 0
    for key in mine.keys() & theirs.keys():
        a, b = mine[key], theirs[key]
        if a.shape != b.shape or a.dtype != b.dtype:
            problems.append(f"{key}: {list(a.shape)} {a.dtype}, expected {list(b.shape)} {b.dtype}")
        elif not a.equal(b):
            changed += 1
    sample = "The sky is blue.  Ünïcode 🙂\n1234"
    if tokenizer(sample)["input_ids"] != other_tokenizer(sample)["input_ids"]:
        problems.append("the tokenizers differ")
    if tokenizer.eos_token_id != other_tokenizer.eos_token_id:
        problems.append("the end tokens differ")
    ignored = ("_name_or_path", "transformers_version", "dtype")
    a, b = model.config.to_dict(), other.config.to_dict()
    for key in sorted(a.keys() | b.keys()):
        if key not in ignored and a.get(key) != b.get(key):
            problems.append(f"config {key}: {a.get(key)}, expected {b.get(key)}")
    if problems:
        sys.exit("\n".join(sorted(problems)))
    say(f"same tensors, config and tokenizer as {folder}; {changed} of {len(mine)} tensors have other values")


def compare_golden(folder, golden_folder, tolerance):
    import torch
    from safetensors.torch import load_file

    golden = json.loads((Path(golden_folder) / "golden.json").read_text())
    expected = load_file(Path(golden_folder) / golden["logits_file"])
    model = load_model(folder, "float32")
    worst = 0.0
    for i, ids in enumerate(golden["input_ids"]):
        with torch.no_grad():
            logits = model(torch.tensor([ids]), use_cache=False).logits[0]
        worst = max(worst, (logits - expected[f"logits.{i}"]).abs().max().item())
    worst /= golden["largest_logit"]
    say(f"{folder}: logits off by {worst:.1e} of the largest")
    if not worst <= tolerance:
        sys.exit(1)


def diff(ours, theirs, tolerance):
    a, b = ([json.loads(line) for line in Path(p).read_text().splitlines() if line.strip()] for p in (ours, theirs))
    if [r["row"] for r in a] != [r["row"] for r in b]:
        sys.exit("the rows differ")
    if not a:
        sys.exit("no rows")
    worst = 0.0
    for x, y in zip(a, b):
        for i, (c, d) in enumerate(zip(x["completions"], y["completions"], strict=True)):
            if c["num_tokens"] != d["num_tokens"]:
                sys.exit(f"row {x['row']} completion {i}: {c['num_tokens']} tokens against {d['num_tokens']}")
            if not (math.isfinite(c["logp"]) and math.isfinite(d["logp"])):
                sys.exit(f"row {x['row']} completion {i}: {c['logp']} against {d['logp']}")
            worst = max(worst, abs(c["logp"] - d["logp"]) / max(1.0, abs(d["logp"])))
    say(f"{len(a)} rows, largest difference {worst:.2e} (relative where |logp| > 1)")
    if not worst <= tolerance:
        sys.exit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", metavar="MODEL_DIR")
    parser.add_argument("--data", metavar="FILE", help="JSONL of {prompt, chosen, rejected} or {chosen, rejected}")
    parser.add_argument("--like", metavar="DIR")
    parser.add_argument("--golden", metavar="DIR")
    parser.add_argument("--dtype", choices=("auto", "float32", "bf16", "float64"), default="auto")
    parser.add_argument("--max-length", type=int)
    parser.add_argument("--diff", nargs=2, metavar=("OURS", "THEIRS"))
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    if options.diff:
        diff(*options.diff, options.tolerance)
    elif options.golden:
        compare_golden(options.model, options.golden, options.tolerance)
    elif options.model:
        model, tokenizer = load(options.model, options.dtype)
        say(f"{type(model).__name__}, {model.dtype}, {sum(p.numel() for p in model.parameters())} parameters")
        if options.like:
            compare_folders(model, tokenizer, options.like)
        if options.data:
            score(model, tokenizer, options.data, options.max_length)
    else:
        parser.error("MODEL_DIR or --diff is needed")
