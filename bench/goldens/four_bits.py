"""Writes what bitsandbytes makes of weights in four bits, and what TRL logs when it trains adapters over such.

    OMP_NUM_THREADS=1 python bench/goldens/four_bits.py core/src/test/resources/golden

It needs bitsandbytes 0.45 or newer, which computes on the CPU, and the folder `trl` there, whose model is the base. It writes
`four_bits`: blocks.safetensors, the adapter that each run starts from, and trajectories.json.

Matrices are made of four bits by bitsandbytes' code for any device: that for CPUs with AVX-512 (0.50.2) takes wrong scales where
rows are no multiple of 64 weights.

The scales of nested quantisation are stored twice. bitsandbytes rounds them on a GPU to the nearest of its 256 values, on the
CPU after a look into a table of 65,536 places, too coarse near 0. `.scales` is the nearest, `.scales_on_cpu` is the other; values
are made of the nearest, and so are those of the runs.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import bitsandbytes
import bitsandbytes.functional as bnb
import peft
import torch
import transformers
import trl
from bitsandbytes.backends.default import ops as any_device
from datasets import disable_progress_bars
from lora import rename_base
from peft import LoraConfig
from safetensors.torch import save_file
from transformers import AutoTokenizer, BitsAndBytesConfig
from trl import DPOConfig, DPOTrainer
from trl_dpo import BASE, Recorder, pretty, rows_of

TYPES = ["nf4", "fp4"]

OVERRIDES = torch.library.Library("bitsandbytes", "IMPL")


def override(name: str, function) -> None:
    OVERRIDES.impl(name, function, "CPU", allow_override=True)


# name → (what it is for, bitsandbytes' settings, LoRA's, changes to trl_dpo.BASE)
RUNS = {
    "nf4": ("as QLoRA has it, without double quantisation", dict(), dict(), dict(learning_rate=5e-3)),
    "nf4_nested": (
        "with it, on every linear layer",
        dict(bnb_4bit_use_double_quant=True),
        dict(target_modules="all-linear"),
        dict(learning_rate=2e-3),
    ),
    "fp4": ("the other four bits", dict(bnb_4bit_quant_type="fp4"), dict(), dict(learning_rate=5e-3)),
}


def nearest(scales: torch.Tensor, code: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """quantize_blockwise without the CPU's own kernel: blocks of 256, each value to the nearest of code."""
    blocks = torch.nn.functional.pad(scales, (0, -len(scales) % 256)).reshape(-1, 256)
    largest = blocks.abs().max(dim=1)[0]
    scaled = torch.clamp(blocks * (1 / largest.view(-1, 1)), -1, 1).reshape(-1)[: len(scales)]
    return torch.argmin((scaled.unsqueeze(-1) - code).abs(), dim=-1).to(torch.uint8), largest


def matrix(packed, absmax, blocksize, kind, shape, dtype):
    code = bnb.get_4bit_type(kind, device="cpu")
    return any_device._dequantize_4bit_compute(packed.reshape(-1), absmax, code, blocksize, shape, dtype)


def blocks(weights: dict) -> dict:
    tensors = {"dynamic": bnb.create_dynamic_map()}
    for name, weight in weights.items():
        tensors[name] = weight
        for kind in TYPES:
            key = f"{name}.{kind}"
            packed, state = bnb.quantize_4bit(weight, blocksize=64, quant_type=kind)
            tensors[f"{key}.packed"] = packed.reshape(-1)
            tensors[f"{key}.absmax"] = state.absmax
            tensors[f"{key}.values"] = bnb.dequantize_4bit(packed, state)
        _, state = bnb.quantize_4bit(weight, blocksize=64, quant_type="nf4", compress_statistics=True)
        absmax = tensors[f"{name}.nf4.absmax"]
        codes, largest = nearest(absmax - state.offset, state.state2.code)
        assert torch.equal(largest, state.state2.absmax)
        tensors[f"{name}.nested.offset"] = state.offset.reshape(1)
        tensors[f"{name}.nested.absmax"] = largest
        tensors[f"{name}.nested.scales"] = codes
        tensors[f"{name}.nested.scales_on_cpu"] = state.absmax.clone()
        state.absmax = codes
        tensors[f"{name}.nested.values"] = bnb.dequantize_4bit(tensors[f"{name}.nf4.packed"].unsqueeze(1), state)
        differ = (codes != tensors[f"{name}.nested.scales_on_cpu"]).sum().item()
        print(f"{name:8s} {tuple(weight.shape)} {weight.dtype}: {len(absmax)} blocks, {differ} scales differ on the CPU")
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def weights() -> dict:
    generator = torch.Generator().manual_seed(5)
    normal = torch.randn(160, 112, generator=generator) * 0.05
    odd = torch.randn(9, 26, generator=generator) * 0.3  # the last block is not full
    odd[0] = 0  # nor does a block have to have a scale
    odd[1:3] = 0
    bounds, _ = any_device._get_4bit_quantize_bounds("nf4", "cpu")
    fp4, _ = any_device._get_4bit_quantize_bounds("fp4", "cpu")
    edges = torch.cat([bounds, -bounds, fp4, -fp4, torch.tensor([1.0, -1.0, 0.0, -0.0])]).reshape(1, 64)
    near = 10.0 ** (-6 * torch.rand(32, generator=generator))  # scales very close to their mean
    scales = torch.cat([1e-3 * (1 + near), 1e-3 * (1 - near)]).reshape(64, 1)
    close = scales * (2 * torch.rand(64, 64, generator=generator) - 1)
    close[:, :1] = scales
    return {"normal": normal, "odd": odd, "edges": edges, "close": close, "bf16": normal[:48].to(torch.bfloat16)}


def train(root: Path, start: Path, name: str) -> dict:
    about, quantisation, lora, changes = RUNS[name]
    config = {**BASE, **changes}
    recorder = Recorder()
    four_bits = BitsAndBytesConfig(**{
        "load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": torch.float32, **quantisation
    })  # fmt: skip
    torch.manual_seed(3)
    with tempfile.TemporaryDirectory() as scratch:
        args = DPOConfig(
            output_dir=scratch, use_cpu=True, bf16=False, fp16=False, gradient_checkpointing=False,
            train_sampling_strategy="sequential", logging_steps=1, logging_strategy="steps",
            logging_nan_inf_filter=False, save_strategy="no", report_to="none", disable_tqdm=True, seed=42,
            model_init_kwargs=dict(dtype=torch.float32, quantization_config=four_bits), **config,
        )  # fmt: skip
        trainer = DPOTrainer(
            model=str(root / "trl" / "model"), args=args, train_dataset=rows_of(root / "trl", "train"),
            processing_class=AutoTokenizer.from_pretrained(root / "trl" / "model"),
            peft_config=LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, lora_dropout=0.0, **lora),
            callbacks=[recorder],
        )  # fmt: skip
        quantised = [n for n, m in trainer.model.named_modules() if type(m) is bitsandbytes.nn.Linear4bit]
        assert len(quantised) == 14, quantised
        for parameter in trainer.model.parameters():
            if parameter.requires_grad:  # TRL rounds adapters over four bits to bf16, which is not what is looked at here
                parameter.data = parameter.data.float()
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
    folder = root / "four_bits"
    folder.mkdir(exist_ok=True)
    override("dequantize_4bit", matrix)
    save_file(blocks(weights()), folder / "blocks.safetensors")
    override("quantize_blockwise", lambda scales, code, blocksize: nearest(scales, code))
    runs = []
    for name in RUNS:
        run = train(root, folder / ("start_" + name), name)
        runs.append(run)
        first, last = run["steps"][0], run["steps"][-1]
        print(f"{name:12s} {len(run['steps'])} steps, loss {first['loss']:.4f} → {last['loss']:.4f}")
    head = {
        "bitsandbytes": bitsandbytes.__version__, "trl": trl.__version__, "peft": peft.__version__,
        "transformers": transformers.__version__, "torch": torch.__version__.split("+")[0],
        "about": "float32 on the CPU, rows of trl/train.jsonl in the order of the file, no dropout, adapters in float32, base"
        " trl/model",
    }  # fmt: skip
    lines = "".join(f" {json.dumps(k)}: {json.dumps(v)},\n" for k, v in head.items())
    (folder / "trajectories.json").write_text(f'{{\n{lines} "runs": [\n' + ",\n".join(map(pretty, runs)) + "\n ]\n}\n")
