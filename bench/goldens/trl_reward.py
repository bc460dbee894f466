"""What TRL's RewardTrainer logs on the rows of trl_dpo.py, and the rewards of the trained model.

    OMP_NUM_THREADS=1 python bench/goldens/trl_reward.py core/src/test/resources/golden/trl

Writes reward_model/ (the language model of trl_dpo.py with a drawn head), margin.jsonl and reward.json: six steps of each
run, rows in the order of the file, float32 on the CPU.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import peft  # noqa: F401  (TRL looks for it)
import torch
import transformers
from datasets import disable_progress_bars
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from trl import RewardConfig, RewardTrainer
from trl_dpo import Recorder, rows_of
from trl_sft_kto import SHARED

# name → (rows, settings)
RUNS = {
    "reward": ("train", dict(learning_rate=5e-4, per_device_train_batch_size=5)),
    "centered": ("train", dict(learning_rate=5e-4, per_device_train_batch_size=6, center_rewards_coefficient=0.01)),
    "margin": ("margin", dict(learning_rate=5e-4, per_device_train_batch_size=12)),
}


def make_model(root: Path) -> None:
    torch.manual_seed(21)
    model = AutoModelForSequenceClassification.from_pretrained(root / "model", num_labels=1, dtype=torch.float32)
    model.config.pad_token_id = 2
    model.save_pretrained(root / "reward_model")
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(root / "model" / file, root / "reward_model" / file)


def train(root: Path, rows: str, settings: dict) -> tuple[list, list]:
    recorder = Recorder()
    tokenizer = AutoTokenizer.from_pretrained(root / "model")
    tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForSequenceClassification.from_pretrained(root / "reward_model", dtype=torch.float32)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = RewardTrainer(
            model=model,
            args=RewardConfig(output_dir=scratch, **{**SHARED, **settings}),
            train_dataset=rows_of(root, rows),
            processing_class=tokenizer,
            callbacks=[recorder],
        )
        trainer.train()
    model.eval()
    with torch.no_grad():
        rewards = [
            [model(torch.tensor([row[key]])).logits.item() for key in ("chosen_ids", "rejected_ids")]
            for row in trainer.train_dataset
        ]
    return recorder.train, rewards


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    disable_progress_bars()
    torch.set_num_threads(1)
    root = Path(sys.argv[1])
    make_model(root)
    pairs = [json.loads(line) for line in (root / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    margins = (json.dumps({**pair, "margin": i / 8}, ensure_ascii=False) for i, pair in enumerate(pairs))
    (root / "margin.jsonl").write_text("".join(line + "\n" for line in margins), encoding="utf-8")
    runs = []
    for name, (rows, settings) in RUNS.items():
        steps, rewards = train(root, rows, settings)
        print(f"{name:10s} loss {steps[0]['loss']:.4f} → {steps[-1]['loss']:.4f}")
        lines = ",\n".join("    " + json.dumps(step) for step in steps)
        runs.append(
            f'  {{"name": "{name}", "data": "{rows}.jsonl", "config": {json.dumps(settings)},\n'
            f'   "rewards": {json.dumps(rewards)},\n   "steps": [\n{lines}\n   ]}}'
        )
    (root / "reward.json").write_text('{"runs": [\n' + ",\n".join(runs) + "\n]}\n")
