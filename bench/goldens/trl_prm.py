"""What TRL's PRMTrainer logs on solutions in steps, and what the trained model says of each step.

    pip install --no-deps --target OLD trl==1.4.0        # newer ones have no PRMTrainer any more
    OMP_NUM_THREADS=1 PYTHONPATH=OLD python bench/goldens/trl_prm.py core/src/test/resources/golden/trl

Writes prm_model/ (the language model of trl_dpo.py with a drawn token classifier of two labels), steps.jsonl and prm.json:
six steps of each run, rows in the order of the file, float32 on the CPU.
"""

import json
import math
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
import trl
from datasets import disable_progress_bars
from transformers import AutoModelForTokenClassification, AutoTokenizer
from trl.experimental.prm import PRMConfig, PRMTrainer
from trl_dpo import Recorder, rows_of

SHARED = dict(
    lr_scheduler_type="constant", warmup_steps=0, max_grad_norm=1e9, weight_decay=0.0, optim="adamw_torch",
    max_steps=6, use_cpu=True, bf16=False, fp16=False, gradient_checkpointing=False, train_sampling_strategy="sequential",
    logging_steps=1, logging_strategy="steps", logging_nan_inf_filter=False, save_strategy="no", report_to="none",
    disable_tqdm=True, seed=42,
)  # fmt: skip

RUNS = {
    "prm": dict(learning_rate=5e-4, per_device_train_batch_size=4),
    "separator": dict(learning_rate=5e-4, per_device_train_batch_size=3, step_separator=" so "),
    "last": dict(learning_rate=5e-4, per_device_train_batch_size=8, train_on_last_step_only=True),
    "cut": dict(learning_rate=5e-4, per_device_train_batch_size=8, max_length=40, max_completion_length=30),
}

ROWS = [
    ("What is the colour of the sky?", ["Look up.", "The sky is blue."], [True, True]),
    ("How do I make tea?", ["Boil the water.", "Pour it on the cat.", "Wait for four minutes."], [True, False, True]),
    ("Tell me about the sea.", ["The sea is wide and deep."], [True]),
    ("How many legs has a cat?", ["A dog has four legs.", "A cat is a dog.", "So it has four."], [True, False, False]),
    ("Is a stone heavy?", ["I don't know."], [False]),
    ("What is two and two?", ["Two and two is four.", "Four is five.", "So it is five.", "No, it is four."],
     [True, False, False, True]),
    ("Where is the path?", ["The path is in the wood.", "Ask the cat about it."], [True, False]),
    ("", ["The sun is warm.", "The moon is not."], [True, True]),
]  # fmt: skip


def make_model(root: Path) -> None:
    torch.manual_seed(23)
    model = AutoModelForTokenClassification.from_pretrained(root / "model", num_labels=2, dtype=torch.float32)
    with torch.no_grad():
        model.score.weight.normal_(0, 0.2)
        model.score.bias.normal_(0, 0.2)
    model.save_pretrained(root / "prm_model")
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(root / "model" / file, root / "prm_model" / file)


def train(root: Path, settings: dict) -> tuple[list, list, list]:
    recorder = Recorder()
    tokenizer = AutoTokenizer.from_pretrained(root / "model")
    tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForTokenClassification.from_pretrained(root / "prm_model", dtype=torch.float32)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = PRMTrainer(
            model=model,
            args=PRMConfig(output_dir=scratch, **{**SHARED, **settings}),
            train_dataset=rows_of(root, "steps"),
            eval_dataset=rows_of(root, "steps"),
            processing_class=tokenizer,
            callbacks=[recorder],
        )
        trainer.train()
        trainer.evaluate()
    model.eval()
    steps = []
    with torch.no_grad():
        for row in rows_of(root, "steps"):
            tokens = PRMTrainer.tokenize_row(
                row, tokenizer, settings.get("step_separator", "\n"), None, None, False, True
            )
            logits = model(torch.tensor([tokens["input_ids"]])).logits[0]
            good = logits.softmax(-1)[:, 1]
            steps.append([p.item() for p, label in zip(good, tokens["labels"], strict=True) if label != -100])
    return recorder.train, recorder.eval, steps


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    disable_progress_bars()
    torch.set_num_threads(1)
    root = Path(sys.argv[1])
    make_model(root)
    rows = (dict(prompt=p, completions=c, labels=l) for p, c, l in ROWS)
    (root / "steps.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    runs = []
    for name, settings in RUNS.items():
        steps, evals, good = train(root, settings)
        assert not math.isnan(steps[-1]["loss"])
        print(f"{name:10s} loss {steps[0]['loss']:.4f} → {steps[-1]['loss']:.4f}, {evals}")
        lines = ",\n".join("    " + json.dumps(step) for step in steps)
        runs.append(
            f'  {{"name": "{name}", "config": {json.dumps(settings)}, "eval": {json.dumps(evals[-1])},\n'
            f'   "good": {json.dumps(good)},\n   "steps": [\n{lines}\n   ]}}'
        )
    (root / "prm.json").write_text(f'{{"trl": "{trl.__version__}", "runs": [\n' + ",\n".join(runs) + "\n]}\n")
