"""Writes what PEFT computes with LoRA adapters, and what TRL logs when it trains some.

    OMP_NUM_THREADS=1 python bench/goldens/lora.py core/src/test/resources/golden

It needs the folders `families` and `trl` there, whose models are the bases, and writes `lora`: for each of ADAPTERS a folder
of that name with PEFT's two files, logits.safetensors (in float64 throughout, see families.py) and merged.safetensors, the
adapted weights after merge_and_unload; for each of RUNS the adapter that training starts from, and trajectories.json.
"""

import json
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

import peft
import torch
import transformers
import trl
from datasets import disable_progress_bars
from families import InFloat64, load, logits
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer
from trl_dpo import BASE, Recorder, pretty, rounding, rows_of

# folder of the base in `families` → what departs from PEFT's defaults
ADAPTERS = {
    "llama3": dict(r=4, lora_alpha=8),
    "smollm2": dict(r=3, lora_alpha=6, target_modules="all-linear", use_rslora=True),
    "qwen2": dict(r=2, lora_alpha=5, target_modules=r".*\.layers\.1\..*_proj", lora_dropout=0.1),
    "qwen3": dict(r=4, lora_alpha=4, target_modules=["k_proj", "self_attn.o_proj"]),
    "gpt2": dict(r=4, lora_alpha=6, target_modules="all-linear"),
    "gpt2_inverse": dict(r=4, lora_alpha=8),
    "gpt_neox": dict(r=4, lora_alpha=8),
    "gpt_neox_sequential": dict(r=5, lora_alpha=8, target_modules="all-linear"),
}

# name → (what it is for, settings of LoRA, changes to trl_dpo.BASE, whether the adapter was there before)
RUNS = {
    "fresh": ("a fresh adapter: the reference is the base", dict(), dict(learning_rate=5e-3), False),
    "all_linear": (
        "every linear layer, rank-stabilized; decay and clipping act on the adapter",
        dict(target_modules="all-linear", use_rslora=True),
        dict(learning_rate=2e-3, weight_decay=0.1, max_grad_norm=1.0),
        False,
    ),
    "started": (
        "an adapter that already adds something: the reference is a copy of it",
        dict(init_lora_weights=False),
        dict(learning_rate=5e-3),
        True,
    ),
}


def rename_base(folder: Path, name: str) -> None:
    """A name that is the same on every machine, instead of where the base lay."""
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text())
    config["base_model_name_or_path"] = name
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()  # PEFT keeps a set
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    (folder / "README.md").unlink(missing_ok=True)


def write_adapter(name: str, settings: dict, base: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    model = get_peft_model(load(base, torch.float32), LoraConfig(task_type="CAUSAL_LM", **settings))
    generator = torch.Generator().manual_seed(zlib.crc32(b"adapter of " + name.encode()))
    with torch.no_grad():
        for key, parameter in sorted(model.named_parameters()):
            if "lora_" in key:
                parameter.normal_(0, 0.3, generator=generator)
    model.save_pretrained(folder)
    rename_base(folder, "families/" + name)

    input_ids = json.loads((base / "golden.json").read_text())["input_ids"]
    with InFloat64():
        exact = load(base, torch.float64)
    exact = PeftModel.from_pretrained(exact, folder).double().eval()
    with InFloat64():
        truth = [logits(exact, ids) for ids in input_ids]
        with exact.disable_adapter():
            change = max((logits(exact, ids) - t).abs().max().item() for ids, t in zip(input_ids, truth))
        assert change > 0.1, (name, change)
        adapted = [key.removesuffix(".weight") for key in exact.targeted_module_names]
        merged = exact.merge_and_unload().state_dict()
    save_file(
        {f"logits.{i}": t.float().contiguous() for i, t in enumerate(truth)}, folder / "logits.safetensors"
    )
    save_file(
        {f"{key}.weight": merged[f"{key}.weight"].float().contiguous() for key in adapted},
        folder / "merged.safetensors",
    )
    plain = PeftModel.from_pretrained(load(base, torch.float32), folder).eval()
    error = max((logits(plain, ids).double() - t).abs().max().item() for ids, t in zip(input_ids, truth))
    print(f"{name:20s} {len(adapted)} layers, logits move by {change:.2f}, PEFT's float32 off by {error:.1e}")


def train(root: Path, start: Path, name: str, attention="sdpa", **more) -> dict:
    about, settings, changes, trained_before = RUNS[name]
    config = {**BASE, **changes}
    recorder = Recorder()
    base = AutoModelForCausalLM.from_pretrained(
        root / "trl" / "model", dtype=torch.float32, attn_implementation=attention
    )
    lora = LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, lora_dropout=0.0, **settings)
    torch.manual_seed(3)
    model = get_peft_model(base, lora) if trained_before else base
    with tempfile.TemporaryDirectory() as scratch:
        args = DPOConfig(
            output_dir=scratch, use_cpu=True, bf16=False, fp16=False, gradient_checkpointing=False,
            train_sampling_strategy="sequential", logging_steps=1, logging_strategy="steps",
            logging_nan_inf_filter=False, save_strategy="no", report_to="none", disable_tqdm=True, seed=42, **config,
            **more,
        )  # fmt: skip
        trainer = DPOTrainer(
            model=model, args=args, train_dataset=rows_of(root / "trl", "train"),
            processing_class=AutoTokenizer.from_pretrained(root / "trl" / "model"),
            peft_config=None if trained_before else lora, callbacks=[recorder],
        )  # fmt: skip
        shutil.rmtree(start, ignore_errors=True)
        trainer.model.save_pretrained(start, selected_adapters=["default"])
        rename_base(start, "trl/model")
        trainer.train()
    return {"name": name, "about": about, "config": config, "steps": recorder.train}


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    disable_progress_bars()
    torch.set_num_threads(1)
    root = Path(sys.argv[1])
    for name, settings in ADAPTERS.items():
        write_adapter(name, settings, root / "families" / name, root / "lora" / name)
    runs = []
    for name in RUNS:
        start = root / "lora" / ("start_" + name)
        other = train(root, start, name, attention="eager", pad_to_multiple_of=64)
        run = train(root, start, name)
        run["rounding"] = rounding(run, other)
        runs.append(run)
        first, last = run["steps"][0], run["steps"][-1]
        print(
            f"{name:20s} {len(run['steps'])} steps, loss {first['loss']:.4f} → {last['loss']:.4f}, margin"
            f" {last['rewards/margins']:.3f} ± {run['rounding'].get('rewards/margins', 0):.0e}, grad_norm"
            f" {min(s['grad_norm'] for s in run['steps']):.3f} … {max(s['grad_norm'] for s in run['steps']):.3f}"
        )
    head = {
        "trl": trl.__version__, "peft": peft.__version__, "transformers": transformers.__version__,
        "torch": torch.__version__.split("+")[0],
        "about": "float32 on the CPU, rows of trl/train.jsonl in the order of the file, no dropout, base trl/model",
    }  # fmt: skip
    lines = "".join(f" {json.dumps(k)}: {json.dumps(v)},\n" for k, v in head.items())
    (root / "lora" / "trajectories.json").write_text(
        f'{{\n{lines} "runs": [\n' + ",\n".join(map(pretty, runs)) + "\n ]\n}\n"
    )
