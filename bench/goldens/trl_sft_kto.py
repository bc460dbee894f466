"""What TRL's SFTTrainer and KTOTrainer log on the model and the rows of trl_dpo.py.

    OMP_NUM_THREADS=1 python bench/goldens/trl_sft_kto.py core/src/test/resources/golden/trl

Writes sft.jsonl ({prompt, completion}), text.jsonl ({text}), chat.jsonl ({messages}), kto.jsonl ({prompt, completion, label}) and sft_kto.json: six
steps of each run, rows in the order of the file, float32 on the CPU. KTOTrainer takes pairs apart by itself.
"""

import json
import sys
import tempfile
from pathlib import Path

import peft  # noqa: F401  (TRL looks for it)
import torch
import transformers
from datasets import disable_progress_bars
from trl import KTOConfig, KTOTrainer, SFTConfig, SFTTrainer
from trl_dpo import Recorder, rows_of
from transformers import AutoModelForCausalLM, AutoTokenizer

SHARED = dict(
    lr_scheduler_type="constant", warmup_steps=0, max_grad_norm=1e9, weight_decay=0.0, optim="adamw_torch",
    max_length=1024, max_steps=6, use_cpu=True, bf16=False, fp16=False, gradient_checkpointing=False,
    train_sampling_strategy="sequential", logging_steps=1, logging_strategy="steps", logging_nan_inf_filter=False,
    save_strategy="no", report_to="none", disable_tqdm=True, seed=42,
)  # fmt: skip

# For chat.jsonl. Ends in the token that ends texts, so that TRL appends none.
CHAT_TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'assistant' %}{{ '### Answer: ' }}{% generation %}{{ m.content + eos_token }}"
    "{% endgeneration %}{% else %}{{ '### ' + m.role + ': ' + m.content + '\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '### Answer: ' }}{% endif %}"
)

# name → (command, rows, settings)
RUNS = {
    "sft": ("sft", "sft", dict(learning_rate=5e-4, per_device_train_batch_size=5)),
    "sft_whole": ("sft", "sft", dict(learning_rate=5e-4, per_device_train_batch_size=5, completion_only_loss=False)),
    "sft_text": ("sft", "text", dict(learning_rate=5e-4, per_device_train_batch_size=12)),
    "sft_cut": ("sft", "sft", dict(learning_rate=5e-4, per_device_train_batch_size=6, max_length=24)),
    "dft": ("sft", "sft", dict(learning_rate=5e-4, per_device_train_batch_size=6, loss_type="dft")),
    "sft_packed": ("sft", "sft", dict(learning_rate=5e-4, per_device_train_batch_size=2, max_length=80, packing=True)),
    "sft_packed_split": (
        "sft",
        "sft",
        dict(
            learning_rate=5e-4,
            per_device_train_batch_size=3,
            max_length=24,
            packing=True,
            packing_strategy="bfd_split",
        ),
    ),
    "sft_wrapped": (
        "sft",
        "text",
        dict(
            learning_rate=5e-4,
            per_device_train_batch_size=4,
            max_length=32,
            packing=True,
            packing_strategy="wrapped",
        ),
    ),
    "sft_assistant": (
        "sft",
        "chat",
        dict(learning_rate=5e-4, per_device_train_batch_size=3, assistant_only_loss=True, max_length=60),
    ),
    "sft_chat": ("sft", "chat", dict(learning_rate=5e-4, per_device_train_batch_size=6)),
    "kto": ("kto", "kto", dict(learning_rate=1e-3, per_device_train_batch_size=8)),
    "kto_weights": (
        "kto",
        "kto",
        dict(
            learning_rate=1e-3, per_device_train_batch_size=6, beta=0.5, desirable_weight=1.5, undesirable_weight=0.8
        ),
    ),
    "apo_zero_unpaired": (
        "kto",
        "kto",
        dict(learning_rate=1e-3, per_device_train_batch_size=4, loss_type="apo_zero_unpaired"),
    ),
    # A neighbour's completion is cut beside the prompt that borrows it, not beside its own.
    "kto_cut": ("kto", "kto", dict(learning_rate=1e-3, per_device_train_batch_size=6, max_length=28)),
    "kto_pairs": ("kto", "train", dict(learning_rate=1e-3, per_device_train_batch_size=8)),
    "kto_implicit": ("kto", "implicit", dict(learning_rate=1e-3, per_device_train_batch_size=7)),
}


def write_rows(root: Path) -> None:
    pairs = [json.loads(line) for line in (root / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    sft = [dict(prompt=p["prompt"], completion=p["chosen"]) for p in pairs]
    text = [dict(text=p["prompt"] + p["chosen"]) for p in pairs]
    kto = []
    for i, p in enumerate(pairs):
        good = i % 3 != 1
        kto.append(dict(prompt=p["prompt"], completion=p["chosen" if good else "rejected"], label=good))
    chat = []
    for first, second in zip(pairs, pairs[1:], strict=False):
        turns = (("user", first["prompt"]), ("assistant", first["chosen"].strip()))
        more = (("user", second["prompt"]), ("assistant", second["chosen"].strip()))
        chat.append(dict(messages=[dict(role=role, content=text) for role, text in turns + more]))
    for name, rows in (("sft", sft), ("text", text), ("chat", chat), ("kto", kto)):
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        (root / f"{name}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def train(root: Path, command: str, rows: str, settings: dict) -> list:
    recorder = Recorder()
    config, trainer = {"sft": (SFTConfig, SFTTrainer), "kto": (KTOConfig, KTOTrainer)}[command]
    tokenizer = AutoTokenizer.from_pretrained(root / "model")
    if rows == "chat":
        tokenizer.chat_template = CHAT_TEMPLATE
    with tempfile.TemporaryDirectory() as scratch:
        trainer(
            model=AutoModelForCausalLM.from_pretrained(root / "model", dtype=torch.float32),
            args=config(output_dir=scratch, **{**SHARED, **settings}),
            train_dataset=rows_of(root, rows),
            processing_class=tokenizer,
            callbacks=[recorder],
        ).train()
    return recorder.train


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    disable_progress_bars()
    torch.set_num_threads(1)
    root = Path(sys.argv[1])
    write_rows(root)
    runs = []
    for name, (command, rows, settings) in RUNS.items():
        steps = train(root, command, rows, settings)
        print(f"{name:18s} loss {steps[0]['loss']:.4f} → {steps[-1]['loss']:.4f}")
        lines = ",\n".join("    " + json.dumps(step) for step in steps)
        template = f' "chat_template": {json.dumps(CHAT_TEMPLATE)},' if rows == "chat" else ""
        runs.append(
            f'  {{"name": "{name}", "command": "{command}", "data": "{rows}.jsonl",{template}\n'
            f'   "config": {json.dumps(settings)},\n   "steps": [\n{lines}\n   ]}}'
        )
    (root / "sft_kto.json").write_text('{"runs": [\n' + ",\n".join(runs) + "\n]}\n")
