"""What transformers and PEFT make of a reward model that align4j wrote: rewards in the form of `align4j score`.

    python bench/rewards_in_transformers.py MODEL_DIR rows.jsonl > theirs.jsonl
    python bench/rewards_in_transformers.py MODEL_DIR rows.jsonl --ours ours.jsonl     # exit 1 where they differ

MODEL_DIR is a sequence classifier (also an ensemble), a token classifier whose mean is the reward, a process reward model, or
a PEFT adapter of one of them. Rows are {prompt, chosen, rejected}, or {prompt, completions: [steps]} for a process reward
model. Tokens as in TRL: prompt and completion together, with the end of text where it is missing.
"""

import argparse
import json
import math
import statistics
import sys
from pathlib import Path

import torch
import transformers
from safetensors import safe_open
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)


def load(folder: Path):
    """The model and whether it is a token classifier."""
    adapter = folder / "adapter_config.json"
    if not adapter.exists():
        config = json.loads((folder / "config.json").read_text())
        tokens = config["architectures"][0].endswith("ForTokenClassification")
        auto = AutoModelForTokenClassification if tokens else AutoModelForSequenceClassification
        model, info = auto.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
        trouble = {k: sorted(map(str, v)) for k, v in info.items() if v}
        if trouble:
            sys.exit(f"{folder}: {trouble}")
        return model.eval(), tokens, config
    from peft import AutoPeftModelForSequenceClassification, AutoPeftModelForTokenClassification

    tokens = json.loads(adapter.read_text())["task_type"] == "TOKEN_CLS"
    with safe_open(folder / "adapter_model.safetensors", "pt") as file:
        heads = [k for k in file.keys() if k.endswith(("score.weight", "classifier.weight"))]
        labels = file.get_slice(heads[0]).get_shape()[0]
    auto = AutoPeftModelForTokenClassification if tokens else AutoPeftModelForSequenceClassification
    return auto.from_pretrained(folder, num_labels=labels, dtype=torch.float32).eval(), tokens, {}


@torch.no_grad()
def rewards(model, tokens, config, tokenizer, row):
    separator = config.get("align4j_step_separator", "\n")
    if model.config.num_labels == 2 and tokens:
        ids = [tokenizer.bos_token_id] if tokenizer.bos_token_id is not None else []
        ids += tokenizer(row["prompt"], add_special_tokens=False)["input_ids"]
        prompt, ends = len(ids), []
        for step in row["completions"]:
            ids += tokenizer(step, add_special_tokens=False)["input_ids"]
            ids += tokenizer(separator, add_special_tokens=False)["input_ids"]
            ends.append(len(ids) - 1)
        good = model(torch.tensor([ids])).logits[0].softmax(-1)[ends, 1].tolist()
        yield {"num_tokens": len(ids) - prompt, "steps": good, "reward": math.prod(good)}
        return
    for text in (row["chosen"], row["rejected"]):
        eos = tokenizer.eos_token
        ids = tokenizer(row["prompt"] + (text if text.endswith(eos) else text + eos))["input_ids"]
        alone = tokenizer(row["prompt"])["input_ids"]
        if tokens:
            completion = model(torch.tensor([ids])).logits[0, len(alone) :, 0]
            heads = [completion.mean().item()]
        else:
            heads = model(torch.tensor([ids])).logits[0].tolist()
        yield {
            "num_tokens": len(ids) - len(alone),
            "reward": statistics.mean(heads),
            **({"reward_std": statistics.stdev(heads)} if len(heads) > 1 else {}),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--ours", type=Path)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    model, tokens, config = load(options.model)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    # An adapter says nothing of padding; training took the tokenizer's padding token, or its end of text.
    if model.config.pad_token_id is None:
        model.config.pad_token_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    rows = [json.loads(line) for line in options.rows.read_text().splitlines()]
    theirs = [list(rewards(model, tokens, config, tokenizer, row)) for row in rows]
    if options.ours is None:
        for index, completions in enumerate(theirs, 1):
            print(json.dumps({"row": index, "completions": completions}))
        return
    worst = 0.0
    for line in options.ours.read_text().splitlines():
        ours = json.loads(line)
        for a, b in zip(ours["completions"], theirs[ours["row"] - 1], strict=True):
            assert a["num_tokens"] == b["num_tokens"], (ours["row"], a, b)
            for key in ("reward", "reward_std"):
                assert (key in a) == (key in b), (a, b)
                worst = max(worst, abs(a.get(key, 0) - b.get(key, 0)))
            for x, y in zip(a.get("steps", []), b.get("steps", []), strict=True):
                worst = max(worst, abs(x - y))
    print(f"{len(rows)} rows, largest difference {worst:.1e}", file=sys.stderr)
    sys.exit(0 if worst <= options.tolerance else 1)


if __name__ == "__main__":
    main()
