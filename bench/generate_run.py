"""Samples with transformers' generate and prints tokens/s of the first time and of five seconds after ten: the other side
of compare_generate.sh. With --limit it prints, as JSON, what memory and processor allow: no step is faster than reading all
weights once, nor than a multiplication and an addition for each weight and completion."""

import argparse
import json
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--prompt", required=True)
parser.add_argument("--n", type=int, required=True)
parser.add_argument("--max-new-tokens", type=int, required=True)
parser.add_argument("--dtype", default="float32")
parser.add_argument("--limit", action="store_true")
args = parser.parse_args()

dtype = {"float32": torch.float32, "bf16": torch.bfloat16}[args.dtype]
tokenizer = AutoTokenizer.from_pretrained(args.model)
model = AutoModelForCausalLM.from_pretrained(args.model, dtype=dtype).eval()


def fastest(work):
    seconds = []
    for _ in range(7):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if args.limit:
    weights = sum(parameter.numel() for parameter in model.parameters())
    gibibyte = torch.ones(2**28)
    bandwidth = 2**30 / fastest(gibibyte.sum)
    square = torch.randn(2048, 2048).to(dtype)
    operations = 2 * 2048**3 / fastest(lambda: square @ square)
    memory = args.n * bandwidth / (weights * dtype.itemsize)
    compute = operations / (2 * weights)
    print(json.dumps({"GB/s": bandwidth / 1e9, "GFLOP/s": operations / 1e9, "memory": memory, "compute": compute}))
    raise SystemExit

ids = tokenizer(args.prompt, return_tensors="pt")
model.generation_config.eos_token_id = None  # all completions go on to the last token
settings = dict(
    do_sample=True, temperature=1.0, top_k=0, top_p=1.0, num_return_sequences=args.n, pad_token_id=tokenizer.eos_token_id
)
tokens = args.n * args.max_new_tokens


def per_second(seconds):
    """How often a second it samples, once at least and then until so many seconds have passed."""
    times = 0
    start = time.perf_counter()
    while times == 0 or time.perf_counter() - start < seconds:
        model.generate(**ids, **settings, max_new_tokens=args.max_new_tokens)
        times += 1
    return times / (time.perf_counter() - start)


torch.manual_seed(0)
with torch.inference_mode():
    first = tokens * per_second(0)
    per_second(10)  # to warm up
    print(first, tokens * per_second(5))
