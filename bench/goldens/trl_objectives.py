"""Writes what TRL's DPOTrainer logs for each of its objectives, on the model and rows of trl_dpo.py.

    OMP_NUM_THREADS=1 python bench/goldens/trl_objectives.py core/src/test/resources/golden/trl

Rows in the order of the file, float32 on the CPU, six steps.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
import trl
from datasets import Dataset, disable_progress_bars
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import DPOConfig, DPOTrainer

RUNS = [dict(loss_type=[name]) for name in (
    "hinge", "ipo", "nca_pair", "bco_pair", "sppo_hard", "apo_zero", "apo_down", "discopop", "sigmoid_norm", "aot",
    "aot_unpaired", "sft",
)]  # fmt: skip
RUNS += [
    dict(loss_type=["robust"], label_smoothing=0.1),
    dict(loss_type=["exo_pair"], label_smoothing=0.001),
    dict(loss_type=["aot"], label_smoothing=0.2, ld_alpha=0.3),
    dict(loss_type=["sigmoid"], use_weighting=True),
    dict(loss_type=["sigmoid"], ld_alpha=0.5),
    dict(loss_type=["sigmoid"], f_divergence_type="forward_kl", beta=0.02),
    dict(loss_type=["sigmoid"], f_divergence_type="js_divergence"),
    dict(loss_type=["ipo"], f_divergence_type="js_divergence"),
    dict(loss_type=["sigmoid"], f_divergence_type="alpha_divergence", f_alpha_divergence_coef=0.8),
    dict(loss_type=["sigmoid", "bco_pair", "sft"], loss_weights=[0.8, 0.2, 1.0]),
    dict(loss_type=["sigmoid"], sync_ref_model=True, ref_model_sync_steps=2, ref_model_mixup_alpha=0.6),
]
KEPT = ("loss", "grad_norm", "rewards/chosen", "rewards/rejected", "rewards/accuracies", "logps/chosen", "logps/rejected")


class InOrder(DPOTrainer):
    def _get_train_sampler(self, *args, **kwargs):
        return torch.utils.data.SequentialSampler(self.train_dataset)


class Recorder(TrainerCallback):
    def __init__(self):
        self.steps = []

    def on_log(self, args, state, control, logs=None, **_):
        if "loss" in logs:
            self.steps.append({key: logs[key] for key in KEPT})


def run(folder, rows, settings):
    def load():
        return AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)

    tokenizer = AutoTokenizer.from_pretrained(folder / "model")
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as output:
        config = DPOConfig(
            output_dir=output, learning_rate=2e-4, lr_scheduler_type="constant", warmup_steps=0,
            per_device_train_batch_size=8, num_train_epochs=3, max_grad_norm=1e9, weight_decay=0.0, optim="adamw_torch",
            logging_steps=1, report_to=[], save_strategy="no", use_cpu=True, bf16=False, gradient_checkpointing=False,
            disable_tqdm=True, **settings,
        )  # fmt: skip
        InOrder(load(), load(), config, train_dataset=rows, processing_class=tokenizer, callbacks=[recorder]).train()
    return dict(config=settings, steps=recorder.steps)


def main(folder):
    disable_progress_bars()
    rows = Dataset.from_list([json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()])
    runs = [json.dumps(run(folder, rows, settings)) for settings in RUNS]
    source = f"TRL {trl.__version__}, torch {torch.__version__}, CPU, float32"
    text = '{"source": %s, "runs": [\n%s\n]}\n' % (json.dumps(source), ",\n".join(runs))
    (folder / "objectives.json").write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
