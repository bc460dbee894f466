"""What TRL's RewardTrainer logs on the rows of trl_dpo.py, and the rewards of the trained model.

    OMP_NUM_THREADS=1 python bench/goldens/trl_reward.py core/src/test/resources/golden/trl

Writes reward_model/ (the language model of trl_dpo.py with a drawn head), reward_adapter/ (a PEFT adapter with a head over
the language model), margin.jsonl, reward_chat.jsonl and reward.json: six steps of each run, rows in the order of the file,
float32 on the CPU.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from datasets import disable_progress_bars
from lora import rename_base
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from trl import RewardConfig, RewardTrainer
from trl_dpo import Recorder, rows_of
from trl_sft_kto import CHAT_TEMPLATE, SHARED

# name → (rows, settings)
RUNS = {
    "long": ("train", dict(learning_rate=5e-4, per_device_train_batch_size=4, max_length=30)),
    "chat": ("reward_chat", dict(learning_rate=5e-4, per_device_train_batch_size=3)),
    "adapter": ("train", dict(learning_rate=5e-3, per_device_train_batch_size=5)),
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


def write_adapter(root: Path) -> None:
    """A and B that already add something, and a drawn head."""
    folder = root / "reward_adapter"
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(22)
    base = AutoModelForSequenceClassification.from_pretrained(root / "model", num_labels=1, dtype=torch.float32)
    lora = LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=8, lora_dropout=0.0, init_lora_weights=False)
    get_peft_model(base, lora).save_pretrained(folder)
    rename_base(folder, "trl/model")


def chats(root: Path) -> str:
    """The rows of train.jsonl as conversations; every other one with the prompt inside."""
    lines = []
    for i, row in enumerate(rows_of(root, "train")):
        prompt = [{"role": "user", "content": row["prompt"]}]
        sides = {k: [{"role": "assistant", "content": row[k].strip()}] for k in ("chosen", "rejected")}
        if i % 2:
            sides = {k: [dict(role="assistant", content="Yes?"), dict(role="user", content="Go on.")] + v for k, v in sides.items()}
        lines.append(json.dumps({"prompt": prompt, **sides}, ensure_ascii=False) + "\n")
    return "".join(lines)


def start(root: Path, adapter: bool):
    if not adapter:
        model = AutoModelForSequenceClassification.from_pretrained(root / "reward_model", dtype=torch.float32)
        # Where config.json has a padding token, transformers' embedding gives that row no gradient, wherever it stands.
        # It is the end of text here, which stands inside conversations; we train all rows.
        model.model.embed_tokens.padding_idx = None
        return model
    base = AutoModelForSequenceClassification.from_pretrained(root / "model", num_labels=1, dtype=torch.float32)
    base.config.pad_token_id = 2
    return PeftModel.from_pretrained(base, root / "reward_adapter", is_trainable=True)


def train(root: Path, name: str, rows: str, settings: dict) -> tuple[list, list]:
    recorder = Recorder()
    tokenizer = AutoTokenizer.from_pretrained(root / "model")
    tokenizer.pad_token = tokenizer.eos_token
    if name == "chat":
        tokenizer.chat_template = CHAT_TEMPLATE
    model = start(root, name == "adapter")
    with tempfile.TemporaryDirectory() as scratch:
        trainer = RewardTrainer(
            model=model,
            args=RewardConfig(output_dir=scratch, **{**SHARED, **settings}),
            train_dataset=rows_of(root, rows),
            processing_class=tokenizer,
            callbacks=[recorder],
        )
        trainer.train()
        trainer.args.max_length = None
        whole = trainer._prepare_dataset(rows_of(root, rows), tokenizer, trainer.args, "all")
    model.eval()
    with torch.no_grad():
        rewards = [
            [model(torch.tensor([row[key]])).logits.item() for key in ("chosen_ids", "rejected_ids")]
            for row in whole
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
    (root / "reward_chat.jsonl").write_text(chats(root), encoding="utf-8")
    write_adapter(root)
    runs = []
    for name, (rows, settings) in RUNS.items():
        steps, rewards = train(root, name, rows, settings)
        print(f"{name:10s} loss {steps[0]['loss']:.4f} → {steps[-1]['loss']:.4f}")
        lines = ",\n".join("    " + json.dumps(step) for step in steps)
        template = f' "chat_template": {json.dumps(CHAT_TEMPLATE)},' if name == "chat" else ""
        runs.append(
            f'  {{"name": "{name}", "data": "{rows}.jsonl",{template} "config": {json.dumps(settings)},\n'
            f'   "rewards": {json.dumps(rewards)},\n   "steps": [\n{lines}\n   ]}}'
        )
    (root / "reward.json").write_text('{"runs": [\n' + ",\n".join(runs) + "\n]}\n")
