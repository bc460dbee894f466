"""What transformers' sequence and token classifiers of each family say, over the language models of families.py.

    OMP_NUM_THREADS=1 python bench/goldens/reward_heads.py core/src/test/resources/golden/families

Writes reward_heads.json: for each family and kind the name of the class, the names of the head's tensors, their values, and
the outputs of the `input_ids` of golden.json, in float64 throughout (see families.py).
"""

import json
import sys
import tempfile
import zlib
from pathlib import Path

import torch
import transformers
from families import InFloat64
from safetensors import safe_open
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

FAMILIES = ["llama3", "mistral", "mixtral", "qwen2", "qwen3", "phi3", "gemma2", "gemma3", "olmo2", "gpt2", "gpt_neox", "gptj"]
WITHOUT_TOKENS = ["gemma3", "olmo2", "gptj"]


def head(folder: Path, auto, labels: int, seed: str) -> dict:
    plain = dict(attn_implementation="eager", experts_implementation="eager")
    with InFloat64():
        model = auto.from_pretrained(folder, num_labels=labels, dtype=torch.float64, **plain).eval()
    layer = model.classifier if hasattr(model, "classifier") else model.score
    generator = torch.Generator().manual_seed(zlib.crc32(seed.encode()))
    values = {}
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            drawn = torch.randn(parameter.shape, generator=generator).mul(0.3)
            parameter.copy_(drawn)
            values[name] = drawn.tolist()
    ids = json.loads((folder / "golden.json").read_text())["input_ids"]
    with torch.no_grad(), InFloat64():
        outputs = [model(torch.tensor([text]), use_cache=False).logits[0] for text in ids]
    outputs = [(out if out.dim() == 1 else out[-1]).tolist() for out in outputs]
    with tempfile.TemporaryDirectory() as scratch:
        model.save_pretrained(scratch)
        with safe_open(Path(scratch) / "model.safetensors", "pt") as file:
            names = sorted(file.keys())
    return {"class": type(model).__name__, **values, "outputs": outputs, "tensors": names}


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    root = Path(sys.argv[1])
    lines = []
    for name in FAMILIES:
        heads = {"sequence": head(root / name, AutoModelForSequenceClassification, 1, name)}
        if name not in WITHOUT_TOKENS:
            heads["token"] = head(root / name, AutoModelForTokenClassification, 2, name + " tokens")
        print(name, [(each["class"], each["outputs"][0]) for each in heads.values()])
        lines.append(f'"{name}": {json.dumps(heads)}')
    (root / "reward_heads.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
