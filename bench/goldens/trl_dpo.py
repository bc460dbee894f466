"""Writes a tiny model, preference rows, and what TRL's DPOTrainer logs when it trains the one on the other.

    OMP_NUM_THREADS=1 python bench/goldens/trl_dpo.py core/src/test/resources/golden/trl

The model is a two-layer Llama, trained for a moment on texts.py so that its probabilities have some shape, with the
`llama2_style` tokenizer of make_tokenizers.py. Rows are taken in the order of the file; float32 on the CPU.
Every run is made twice, the second time with eager attention and more padding: the same arithmetic, rounded otherwise.
The largest difference of each metric is kept as `rounding`: what nobody can match more closely than.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import peft  # noqa: F401  (TRL looks for it)
import torch
import transformers
import trl
from datasets import Dataset, disable_progress_bars
from make_tokenizers import llama2_style
from make_tokenizers import write as write_tokenizer
from texts import CORPUS, EVAL, IMPLICIT, TRAIN
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, TrainerCallback
from trl import DPOConfig, DPOTrainer

BASE = dict(
    loss_type=["sigmoid"], beta=0.1, learning_rate=5e-4, lr_scheduler_type="constant", warmup_steps=0,
    per_device_train_batch_size=8, gradient_accumulation_steps=1, num_train_epochs=3, max_grad_norm=1e9,
    weight_decay=0.0, adam_beta1=0.9, adam_beta2=0.999, adam_epsilon=1e-8, optim="adamw_torch", max_length=1024,
    precompute_ref_log_probs=False,
)  # fmt: skip

# name → (what it is for, changes to BASE, rows of training, rows of evaluation or None)
RUNS = {
    "sigmoid": ("the base: batches of 8 and 4", {}, "train", None),
    "beta_0.5": ("a larger beta", dict(beta=0.5), "train", None),
    "lr_2e-3": ("a learning rate that moves everything", dict(learning_rate=2e-3), "train", None),
    "batch_5": (
        "batches of 5, 5 and 2; two epochs",
        dict(per_device_train_batch_size=5, num_train_epochs=2),
        "train",
        None,
    ),
    "batch_3": ("batches of 3; two epochs", dict(per_device_train_batch_size=3, num_train_epochs=2), "train", None),
    "accumulate": (
        "two micro-batches of 3 a step: a step's metrics are means over its micro-batches",
        dict(per_device_train_batch_size=3, gradient_accumulation_steps=2),
        "train",
        None,
    ),
    "accumulate_uneven": (
        "micro-batches of 5 + 5, then 2 alone",
        dict(per_device_train_batch_size=5, gradient_accumulation_steps=2, num_train_epochs=2),
        "train",
        None,
    ),
    "linear": (
        "linear decay after two steps of warm-up",
        dict(lr_scheduler_type="linear", warmup_steps=2, learning_rate=2e-4, num_train_epochs=4),
        "train",
        None,
    ),
    "cosine": (
        "cosine decay after two steps of warm-up",
        dict(lr_scheduler_type="cosine", warmup_steps=2, num_train_epochs=4),
        "train",
        None,
    ),
    "warmup_ratio": (
        "linear, warm-up of a tenth of the steps: ceil(0.1 · 12) = 2",
        dict(lr_scheduler_type="linear", warmup_steps=0.1, per_device_train_batch_size=3),
        "train",
        None,
    ),
    "clipping": (
        "gradients are clipped where grad_norm, the norm before clipping, is above 1: in three of six steps",
        dict(max_grad_norm=1.0, learning_rate=2e-3),
        "train",
        None,
    ),
    "weight_decay": ("AdamW's weight decay, on matrices but not on norms", dict(weight_decay=0.1), "train", None),
    "max_length": (
        "rows are cut at 40 tokens, and a row whose prompt alone has so many is dropped",
        dict(max_length=40),
        "train",
        None,
    ),
    "implicit_prompt": ("rows without a prompt", dict(per_device_train_batch_size=4), "implicit", None),
    "precomputed": ("reference computed beforehand: as `sigmoid`", dict(precompute_ref_log_probs=True), "train", None),
    "eval": (
        "evaluation every two steps, all four rows in one batch",
        dict(eval_strategy="steps", eval_steps=2, per_device_eval_batch_size=4),
        "train",
        "eval",
    ),
    "eval_uneven": (
        "evaluation in batches of 3 and 1: eval_loss weighs rows, the other metrics weigh batches",
        dict(eval_strategy="steps", eval_steps=2, per_device_eval_batch_size=3),
        "train",
        "eval",
    ),
}  # fmt: skip

NOT_KEPT = ("runtime", "samples_per_second", "steps_per_second", "total_flos", "train_loss")


class Recorder(TrainerCallback):
    def __init__(self):
        self.train, self.eval = [], []

    def on_log(self, args, state, control, logs=None, **_):
        kept = {k: v for k, v in logs.items() if not k.endswith(NOT_KEPT)}
        if "loss" in kept:
            self.train.append({"step": state.global_step, **kept})
        elif "eval_loss" in kept:
            self.eval.append({"step": state.global_step, **kept})


def make_model(folder: Path) -> None:
    tokenizer, config = llama2_style()
    write_tokenizer(tokenizer, config, folder)
    torch.manual_seed(20)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer.get_vocab()), hidden_size=32, intermediate_size=56, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-5,
            tie_word_embeddings=True, initializer_range=0.1, bos_token_id=1, eos_token_id=2,
        )
    )  # fmt: skip
    rows = [tokenizer.encode(line).ids + [2] for line in CORPUS.splitlines()]
    width = max(map(len, rows))
    ids = torch.tensor([r + [2] * (width - len(r)) for r in rows])
    labels = torch.tensor([r + [-100] * (width - len(r)) for r in rows])
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.0)
    for _ in range(60):
        loss = model(ids, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    print(f"model: loss {loss.item():.3f} on its own text, {sum(p.numel() for p in model.parameters())} parameters")
    model.save_pretrained(folder)


def write_rows(folder: Path) -> None:
    for name, rows in (("train", TRAIN), ("eval", EVAL), ("implicit", IMPLICIT)):
        keys = ("chosen", "rejected") if name == "implicit" else ("prompt", "chosen", "rejected")
        lines = (json.dumps(dict(zip(keys, row)), ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def rows_of(folder: Path, name: str) -> Dataset:
    lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return Dataset.from_list([json.loads(line) for line in lines])


def train(folder: Path, name: str, tokenized: dict, attention="sdpa", **more) -> dict:
    about, changes, train_rows, eval_rows = RUNS[name]
    config = {**BASE, **changes}
    recorder = Recorder()
    tokenizer = AutoTokenizer.from_pretrained(folder / "model")
    with tempfile.TemporaryDirectory() as scratch:
        args = DPOConfig(
            output_dir=scratch, use_cpu=True, bf16=False, fp16=False, gradient_checkpointing=False,
            train_sampling_strategy="sequential", logging_steps=1, logging_strategy="steps",
            logging_nan_inf_filter=False, save_strategy="no", report_to="none", disable_tqdm=True, seed=42, **config,
            **more,
        )  # fmt: skip
        trainer = DPOTrainer(
            model=AutoModelForCausalLM.from_pretrained(
                folder / "model", dtype=torch.float32, attn_implementation=attention
            ),
            args=args,
            train_dataset=rows_of(folder, train_rows),
            eval_dataset=rows_of(folder, eval_rows) if eval_rows else None,
            processing_class=tokenizer,
            callbacks=[recorder],
        )
        assert isinstance(trainer._get_train_sampler(trainer.train_dataset), torch.utils.data.SequentialSampler)
        for key, dataset in ((train_rows, trainer.train_dataset), (eval_rows, trainer.eval_dataset)):
            if dataset is not None and config["max_length"] == BASE["max_length"]:
                kept = ("prompt", "chosen", "rejected", "prompt_ids", "chosen_ids", "rejected_ids")
                tokenized[key] = [{k: row[k] for k in kept} for row in dataset]
        trainer.train()
    run = {"name": name, "about": about, "config": config, "data": train_rows + ".jsonl"}
    if eval_rows:
        run["eval_data"] = eval_rows + ".jsonl"
    run["rows_kept"] = len(trainer.train_dataset)
    run["steps"] = recorder.train
    if eval_rows:
        run["evals"] = recorder.eval
    return run


def rounding(run: dict, other: dict) -> dict:
    """The largest difference of every metric between two ways of computing the same run."""
    largest = {}
    for part in ("steps", "evals"):
        for a, b in zip(run.get(part, []), other.get(part, []), strict=True):
            assert a.keys() == b.keys()
            for key in a:
                largest[key] = max(largest.get(key, 0.0), abs(a[key] - b[key]))
    return {k: v for k, v in largest.items() if v > 0}


def pretty(run: dict) -> str:
    fields = []
    for key, value in run.items():
        if key in ("steps", "evals"):
            fields.append(f'   "{key}": [\n' + ",\n".join("    " + json.dumps(v) for v in value) + "\n   ]")
        else:
            fields.append(f"   {json.dumps(key)}: {json.dumps(value)}")
    return "  {\n" + ",\n".join(fields) + "\n  }"


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    disable_progress_bars()
    torch.set_num_threads(1)
    root = Path(sys.argv[1])
    if "--keep-model" not in sys.argv:
        shutil.rmtree(root / "model", ignore_errors=True)
        make_model(root / "model")
    write_rows(root)
    tokenized, runs = {}, []
    for name in RUNS:
        run = train(root, name, tokenized)
        run["rounding"] = rounding(run, train(root, name, {}, attention="eager", pad_to_multiple_of=64))
        runs.append(run)
        first, last = run["steps"][0], run["steps"][-1]
        print(
            f"{name:18s} {len(run['steps'])} steps, {run['rows_kept']} rows, loss {first['loss']:.4f} → {last['loss']:.4f},"
            f" margin {last['rewards/margins']:.3f} ± {run['rounding'].get('rewards/margins', 0):.0e}, grad_norm {min(s['grad_norm'] for s in run['steps']):.3f} …"
            f" {max(s['grad_norm'] for s in run['steps']):.3f}, evals {len(run.get('evals', []))}"
        )
    head = {
        "trl": trl.__version__, "transformers": transformers.__version__, "torch": torch.__version__.split("+")[0],
        "about": "float32 on the CPU, rows in the order of the file, no dropout, model in ./model",
    }  # fmt: skip
    lines = "".join(f" {json.dumps(k)}: {json.dumps(v)},\n" for k, v in head.items())
    (root / "trajectories.json").write_text(f'{{\n{lines} "runs": [\n' + ",\n".join(map(pretty, runs)) + "\n ]\n}\n")
    parts = [
        f' "{name}.jsonl": [\n' + ",\n".join("  " + json.dumps(row) for row in rows) + "\n ]"
        for name, rows in tokenized.items()
    ]
    (root / "tokenized.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")
