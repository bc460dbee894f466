"""The peer in our comparisons: TRL's DPOTrainer on a model and a file, timed from outside the training step.

    python bench/trl_dpo_run.py --model DIR --data rows.jsonl --steps 20 --batch-size 4 > trl.jsonl

Standard output: one line a step with TRL's metrics and `seconds`, then a last line with "summary". `tokens_per_second`
counts tokens as TRL does (prompt + completion of both completions, no padding) from the end of the first step, which
warms caches, to the end of the last; loading, tokenising and, with --precompute, the reference pass are outside and
reported on their own. --dtype bf16 holds weights, gradients and optimizer state in bf16; bf16_autocast is TRL's own
`bf16: true`: float32 weights, products in bf16. `peak_rss_mb` is the highest resident memory of the process.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path


def main(options):
    started = time.perf_counter()
    import torch
    import transformers
    import trl
    from datasets import Dataset, disable_progress_bars
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from transformers.trainer_callback import PrinterCallback
    from trl import DPOConfig, DPOTrainer

    disable_progress_bars()
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    if options.threads:
        torch.set_num_threads(options.threads)

    class Clock(TrainerCallback):
        def __init__(self):
            self.ends, self.tokens, self.lines = [], [], []

        def on_train_begin(self, args, state, control, **_):
            self.begin = time.perf_counter()

        def on_step_end(self, args, state, control, **_):
            if torch.cuda.is_available() and not options.cpu:
                torch.cuda.synchronize()
            self.ends.append(time.perf_counter())

        def on_log(self, args, state, control, logs=None, **_):
            if "loss" in logs:
                before = self.ends[-2] if len(self.ends) > 1 else self.begin
                self.tokens.append(logs["num_tokens"])
                print(json.dumps({"step": state.global_step, "seconds": self.ends[-1] - before, **logs}), flush=True)

    lines = Path(options.data).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    keys = ("prompt", "chosen", "rejected")
    rows = Dataset.from_list([{k: row[k] for k in keys if k in row} for row in rows])
    dtype = torch.bfloat16 if options.dtype == "bf16" else torch.float32
    autocast = options.dtype == "bf16_autocast"
    clock = Clock()
    with tempfile.TemporaryDirectory() as scratch:
        model = AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype)
        args = DPOConfig(
            output_dir=scratch, max_steps=options.steps, per_device_train_batch_size=options.batch_size,
            gradient_accumulation_steps=options.accumulate, learning_rate=options.learning_rate, beta=options.beta,
            max_length=options.max_length, precompute_ref_log_probs=options.precompute,
            precompute_ref_batch_size=options.batch_size, use_cpu=options.cpu, bf16=autocast, fp16=False,
            gradient_checkpointing=options.checkpointing, lr_scheduler_type="constant", warmup_steps=0,
            weight_decay=0.0, max_grad_norm=options.max_grad_norm, train_sampling_strategy="sequential",
            logging_steps=1, logging_nan_inf_filter=False, save_strategy="no", report_to="none", disable_tqdm=True,
            dataloader_pin_memory=not options.cpu,
        )  # fmt: skip
        loaded = time.perf_counter()
        trainer = DPOTrainer(
            model=model,
            args=args,
            train_dataset=rows,
            processing_class=AutoTokenizer.from_pretrained(options.model),
            callbacks=[clock],
        )
        trainer.remove_callback(PrinterCallback)  # it would print to standard output
        prepared = time.perf_counter()
        trainer.train()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    summary = {
        "trl": trl.__version__, "torch": torch.__version__, "dtype": options.dtype, "device": str(trainer.model.device),
        "threads": torch.get_num_threads(), "steps": len(clock.ends), "batch_size": options.batch_size,
        "num_tokens": clock.tokens[-1], "peak_rss_mb": round(peak, 1), "load_seconds": round(loaded - started, 3),
        "prepare_seconds": round(prepared - loaded, 3), "first_step_seconds": round(clock.ends[0] - clock.begin, 3),
    }  # fmt: skip
    if len(clock.ends) > 1:
        timed = clock.ends[-1] - clock.ends[0]
        summary["timed_tokens"] = clock.tokens[-1] - clock.tokens[0]
        summary["timed_seconds"] = round(timed, 3)
        summary["tokens_per_second"] = round(summary["timed_tokens"] / timed, 1)
    if str(trainer.model.device).startswith("cuda"):
        summary["peak_device_mb"] = round(torch.cuda.max_memory_allocated() / 2**20, 1)
    print(json.dumps({"summary": summary}))
    print(json.dumps(summary, indent=1), file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True, help="JSONL of {prompt, chosen, rejected} or {chosen, rejected}")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--max-length", type=int, default=1024)
    parser.add_argument("--dtype", choices=("float32", "bf16", "bf16_autocast"), default="float32")
    parser.add_argument("--learning-rate", type=float, default=1e-6)
    parser.add_argument("--max-grad-norm", type=float, default=1.0)
    parser.add_argument("--beta", type=float, default=0.1)
    parser.add_argument("--precompute", action="store_true", help="reference log-probabilities before training")
    parser.add_argument("--checkpointing", action="store_true", help="gradient checkpointing (TRL's own default)")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--gpu", dest="cpu", action="store_false", help="use the GPU, if there is one")
    main(parser.parse_args())
