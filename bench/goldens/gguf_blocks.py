"""What gguf-py, llama.cpp's own package, makes of blocks of quantised numbers and of floats to be quantised.

python bench/goldens/gguf_blocks.py core/src/test/resources/golden/gguf        (needs numpy and gguf)
"""

import json
import pathlib
import sys
from importlib.metadata import version

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

READ = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]
WRITTEN = ["F16", "BF16", "Q4_0", "Q4_1", "Q8_0"]
# Where the float16 scales lie in a block: random bytes there would be infinite or NaN now and then.
SCALES = dict(Q4_0=[0], Q4_1=[0, 2], Q5_0=[0], Q5_1=[0, 2], Q8_0=[0], Q4_K=[0, 2], Q5_K=[0, 2], Q6_K=[208])


def blocks(name, rng):
    size = GGML_QUANT_SIZES[GGMLQuantizationType[name]][1]
    made = rng.integers(0, 256, (2, size), dtype=np.uint8)
    for at in SCALES[name]:
        made[:, at:at + 2] = rng.normal(0, 0.1, (2, 1)).astype("<f2").view(np.uint8)
    return made


def inputs(rng):
    """Rows of 32: ordinary ones, all 0, all equal, one outlier, tiny ones, ties of the rounding."""
    rows = rng.normal(0, 0.05, (8, 32)).astype(np.float32)
    rows[1] = 0
    rows[2] = 0.75
    rows[3, 7] = -3
    rows[4] *= np.float32(1e-5)
    rows[5] = np.arange(32) - 15.5
    rows[6] = np.abs(rows[6])
    rows[7] = np.arange(32) * np.float32(127 / 62) - 63.5
    return rows


def main():
    rng = np.random.default_rng(7)
    golden = {"made_with": f"gguf {version('gguf')}, numpy {np.__version__}", "decode": {}, "encode": {}}
    for name in READ:
        made = blocks(name, rng)
        values = quants.dequantize(made, GGMLQuantizationType[name]).astype("<f4")
        golden["decode"][name] = {"blocks": made.tobytes().hex(), "float32": values.tobytes().hex()}
    rows = inputs(rng)
    golden["input_float32"] = rows.astype("<f4").tobytes().hex()
    for name in WRITTEN:
        golden["encode"][name] = quants.quantize(rows, GGMLQuantizationType[name]).tobytes().hex()
    folder = pathlib.Path(sys.argv[1])
    (folder / "blocks.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
