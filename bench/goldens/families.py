"""Writes one tiny random checkpoint per model family, with the logits that transformers computes from it.

    OMP_NUM_THREADS=1 python bench/goldens/families.py core/src/test/resources/golden/families

Each folder holds a Hugging Face checkpoint (config.json, weights), golden.json and logits.safetensors.

The weights are drawn wide, biases and norms included, so that a forgotten bias, a wrong norm or a wrong angle shows.
The stored logits come from float64 arithmetic *throughout*: transformers casts to float32 inside norms, softmax and
rotary angles whatever the model's dtype, and `InFloat64` turns these casts into casts to float64. What is stored is
then rounded to float32, the closest to the truth that a float32 file can be. golden.json says how far transformers'
own float32 eager forward is from it: a tolerance for other float32 code.
"""

import copy
import json
import shutil
import sys
import zlib
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch.overrides import TorchFunctionMode
from transformers import AutoConfig, AutoModelForCausalLM

VOCAB = 61  # prime, and small: no multiple of anything to hide behind
LENGTHS = (12, 17, 23)
GREEDY_PROMPT = 5
GREEDY_TOKENS = 12


class InFloat64(TorchFunctionMode):
    """Every cast to float32 becomes a cast to float64."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        def widen(value):
            return torch.float64 if value is torch.float32 else value

        kwargs = {k: widen(v) for k, v in (kwargs or {}).items()}
        args = tuple(widen(a) for a in args)
        return (torch.Tensor.double if func is torch.Tensor.float else func)(*args, **kwargs)


def draw(config: dict, name: str):
    """A model of the configuration with weights drawn from the seed that belongs to the name."""
    config = AutoConfig.for_model(**config)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    around_one = config.model_type.startswith("gemma")  # its norms add 1 to their weights
    with torch.no_grad():
        for key, parameter in sorted(model.named_parameters()):
            if key.endswith("bias"):
                parameter.normal_(0, 0.2, generator=generator)
            elif parameter.dim() == 1:
                parameter.uniform_(0.5, 1.5, generator=generator).sub_(1 if around_one else 0)
            else:
                parameter.normal_(0, 0.3, generator=generator)
    return model


def rewrite_config(folder: Path, change) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def drop(config, *keys):
    for key in keys:
        config.pop(key, None)


def llama2_classic(config):
    """As the files of 2023 are: rope_theta on top, no head_dim, torch_dtype."""
    drop(config, "rope_parameters", "head_dim", "transformers_version", "attention_bias", "mlp_bias", "dtype")
    config.update(rope_theta=10000.0, rope_scaling=None, torch_dtype="float32")


def old_rope(config):
    """As transformers 4 wrote it: rope_theta on top, the rest in rope_scaling."""
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = rope
    config["torch_dtype"] = config.pop("dtype")
    drop(config, "transformers_version")


def oldest_linear(config):
    """As the first linear scaling was written: the key is `type`, not `rope_type`."""
    old_rope(config)
    config["rope_scaling"] = {"type": "linear", "factor": config["rope_scaling"]["factor"]}


def oldest_yarn(config):
    """As Qwen2.5's model card says to switch it on: `type`, and no attention_factor."""
    old_rope(config)
    config["rope_scaling"]["type"] = config["rope_scaling"].pop("rope_type")


def old_longrope(config):
    """As Phi-3's files are: everything but the factors on top."""
    rope = config["rope_parameters"]
    config["partial_rotary_factor"] = rope["partial_rotary_factor"]
    old_rope(config)
    config["rope_scaling"] = dict(type="longrope", short_factor=rope["short_factor"], long_factor=rope["long_factor"])


def old_gemma2(config):
    """As Gemma 2's files are: which layers slide goes without saying, the activation stands there twice."""
    rope = config.pop("rope_parameters")
    config.update(rope_theta=rope["rope_theta"], hidden_act=config["hidden_activation"], cache_implementation="hybrid")
    config["torch_dtype"] = config.pop("dtype")
    drop(config, "transformers_version", "layer_types", "tie_word_embeddings", "use_bidirectional_attention")


def old_gemma3(config):
    """As Gemma 3's files are: a pattern instead of layer_types, two thetas, rope_scaling for the full layers."""
    rope = config.pop("rope_parameters")
    full, sliding = rope["full_attention"], rope["sliding_attention"]
    config.update(rope_theta=full.pop("rope_theta"), rope_local_base_freq=sliding["rope_theta"], rope_scaling=full)
    config["sliding_window_pattern"] = config.pop("_sliding_window_pattern")
    config["torch_dtype"] = config.pop("dtype")
    drop(config, "transformers_version", "layer_types", "tie_word_embeddings", "use_bidirectional_attention")


def qwen2_unused_window(config):
    """As Qwen2.5's files are: a window that use_sliding_window switches off, and no layer_types."""
    old_rope(config)
    config.update(sliding_window=5, use_sliding_window=False, max_window_layers=1)
    drop(config, "layer_types", "rope_scaling")


def no_layer_types(config):
    drop(config, "layer_types")


def old_neox(config):
    """As Pythia's files are: rotary_pct and rotary_emb_base."""
    rope = config.pop("rope_parameters")
    config.update(rotary_pct=rope["partial_rotary_factor"], rotary_emb_base=int(rope["rope_theta"]))
    config["torch_dtype"] = config.pop("dtype")
    drop(config, "transformers_version", "attention_bias")


def old_neox_tensors(tensors, config):
    """Pythia's head is `embed_out`, and the files carry buffers that are not parameters."""
    tensors = {k.replace("lm_head.", "embed_out."): v for k, v in tensors.items()}
    n = 8
    head = config["hidden_size"] // config["num_attention_heads"]
    dims = int(head * config["rotary_pct"])
    for layer in range(config["num_hidden_layers"]):
        prefix = f"gpt_neox.layers.{layer}.attention."
        tensors[prefix + "bias"] = torch.ones(n, n).tril().bool().view(1, 1, n, n)
        tensors[prefix + "masked_bias"] = torch.tensor(-1e9)
        tensors[prefix + "rotary_emb.inv_freq"] = 10000.0 ** -(torch.arange(0, dims, 2).float() / dims)
    return tensors


def old_gpt2(config):
    """As the first GPT-2 files are: n_ctx, no dtype, no new keys."""
    drop(config, "transformers_version", "dtype", "scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn")
    drop(config, "tie_word_embeddings", "scale_attn_weights", "add_cross_attention", "n_inner", "use_cache")
    config["n_ctx"] = config["n_positions"]


def old_gpt2_tensors(tensors, config):
    """The first GPT-2 files name tensors without `transformer.` and carry the causal mask as `attn.bias`."""
    tensors = {k.removeprefix("transformer."): v for k, v in tensors.items()}
    n = config["n_positions"]
    for layer in range(config["n_layer"]):
        tensors[f"h.{layer}.attn.bias"] = torch.ones(n, n).tril().view(1, 1, n, n)
    return tensors


LLAMA = dict(
    model_type="llama", vocab_size=VOCAB, hidden_size=24, intermediate_size=20, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2, head_dim=8, max_position_embeddings=128, rms_norm_eps=1e-5,
    bos_token_id=1, eos_token_id=2, rope_parameters=dict(rope_type="default", rope_theta=10000.0),
)  # fmt: skip
QWEN = dict(
    vocab_size=VOCAB, hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-6, bos_token_id=1, eos_token_id=2,
)  # fmt: skip
GPT2 = dict(
    model_type="gpt2", vocab_size=VOCAB, n_positions=32, n_embd=16, n_layer=2, n_head=2, bos_token_id=2, eos_token_id=2
)
NEOX = dict(
    model_type="gpt_neox", vocab_size=37, hidden_size=32, intermediate_size=20, num_hidden_layers=2,
    num_attention_heads=2, max_position_embeddings=128, bos_token_id=0, eos_token_id=2,
    rope_parameters=dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.25),
)  # fmt: skip
# With these the four frequencies of a head of 8 fall in all three regimes: kept, blended, divided.
LLAMA3_ROPE = dict(
    rope_type="llama3", rope_theta=1000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=64,
)  # fmt: skip
LLAMA3 = dict(LLAMA, rope_parameters=LLAMA3_ROPE, eos_token_id=[2, 3])
LINEAR = dict(LLAMA, rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=4.0))
SLIDING = dict(QWEN, num_hidden_layers=3, hidden_size=16, use_sliding_window=True, sliding_window=5)

# With these, the first of the four pairs of a head of 8 is kept, the second blended, the others divided.
YARN_ROPE = dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=64)
YARN = dict(LLAMA, rope_parameters=YARN_ROPE, max_position_embeddings=256)
GPTJ = dict(
    model_type="gptj", vocab_size=VOCAB, n_positions=32, n_embd=24, n_layer=2, n_head=3, rotary_dim=4,
    bos_token_id=2, eos_token_id=2,
)  # fmt: skip
PHI3 = dict(LLAMA, model_type="phi3", hidden_size=32, intermediate_size=20, pad_token_id=0)
del PHI3["head_dim"]
LONGROPE = dict(
    PHI3, partial_rotary_factor=0.75, tie_word_embeddings=True, original_max_position_embeddings=32,
    rope_parameters=dict(
        rope_type="longrope", rope_theta=10000.0, partial_rotary_factor=0.75, short_factor=[1.0, 1.5, 3.0],
        long_factor=[2.0, 5.0, 9.0],
    ),
)  # fmt: skip
GEMMA = dict(
    vocab_size=VOCAB, hidden_size=24, intermediate_size=20, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, head_dim=8, query_pre_attn_scalar=6, max_position_embeddings=128, sliding_window=5,
    bos_token_id=2, eos_token_id=1, pad_token_id=0,
)  # fmt: skip
GEMMA2 = dict(GEMMA, model_type="gemma2", attn_logit_softcapping=7.0, final_logit_softcapping=9.0)
GEMMA3 = dict(
    GEMMA, model_type="gemma3_text", num_hidden_layers=4, sliding_window_pattern=3,
    rope_parameters=dict(
        full_attention=dict(rope_type="linear", rope_theta=1000000.0, factor=8.0),
        sliding_attention=dict(rope_type="default", rope_theta=10000.0),
    ),
)  # fmt: skip
OLMO2 = dict(LLAMA, model_type="olmo2", hidden_size=32, pad_token_id=0)
del OLMO2["head_dim"]
MIXTRAL = dict(LLAMA, model_type="mixtral", num_local_experts=4, num_experts_per_tok=2)

# name → configuration, and what departs from "draw with the seed of this name, save in float32"
FAMILIES = {
    "llama2": dict(
        config=dict(LLAMA, num_attention_heads=3, num_key_value_heads=3, intermediate_size=20),
        rewrite=llama2_classic,
        about="multi-head, untied, config as in 2023: rope_theta on top, rope_scaling null, no head_dim",
    ),
    "llama3": dict(
        config=LLAMA3,
        bites=dict(rope_parameters=dict(rope_type="default", rope_theta=1000.0)),
        about="grouped queries, llama3 rope scaling in rope_parameters, head_dim explicit, two end tokens",
    ),
    "llama3_old_style": dict(
        config=LLAMA3, seed="llama3", rewrite=old_rope, about="llama3's weights; config with rope_theta + rope_scaling"
    ),
    "llama_linear": dict(
        config=LINEAR,
        bites=dict(rope_parameters=dict(rope_type="default", rope_theta=10000.0)),
        about="linear rope scaling, factor 4",
    ),
    "llama_linear_old_style": dict(
        config=LINEAR, seed="llama_linear", rewrite=oldest_linear,
        about='llama_linear\'s weights; config with rope_scaling {"type": "linear"}',
    ),
    "llama_bias": dict(config=dict(LLAMA, attention_bias=True, mlp_bias=True), about="biases on q, k, v, o and the MLP"),
    "smollm2": dict(
        config=dict(
            LLAMA, num_attention_heads=3, num_key_value_heads=1, tie_word_embeddings=True, intermediate_size=40,
            rope_parameters=dict(rope_type="default", rope_theta=100000),
        ),
        bites=dict(rope_parameters=dict(rope_type="default", rope_theta=10000.0)),
        about="tied embeddings, three heads on one key-value head, rope_theta 100000 (an integer in the file)",
    ),
    "mistral": dict(
        config=dict(LLAMA, model_type="mistral", head_dim=10, sliding_window=5, rms_norm_eps=1e-6),
        bites=dict(sliding_window=None),
        about="sliding window 5 in every layer, head_dim 10 where hidden/heads is 6",
    ),
    "qwen2": dict(
        config=dict(QWEN, model_type="qwen2", tie_word_embeddings=True, intermediate_size=40),
        rewrite=qwen2_unused_window,
        about="biases on q, k, v (not o), tied; a sliding_window that use_sliding_window: false switches off",
    ),
    "qwen2_sliding": dict(
        config=dict(SLIDING, model_type="qwen2", max_window_layers=1),
        bites=dict(layer_types=["full_attention"] * 3),
        rewrite=no_layer_types,
        about="max_window_layers 1 and no layer_types: layer 0 sees everything, the other two five tokens",
    ),
    "qwen3": dict(
        config=dict(QWEN, model_type="qwen3", head_dim=8), about="norms on q and k per head, head_dim 8, hidden/heads 6"
    ),
    "qwen3_sliding": dict(
        config=dict(
            SLIDING, model_type="qwen3", head_dim=6, tie_word_embeddings=True,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        ),
        bites=dict(layer_types=["full_attention", "sliding_attention", "sliding_attention"]),
        about="layer_types says which layers slide (0 and 2), against what max_window_layers would say",
    ),
    "gpt2": dict(config=GPT2, about="learned positions, tied, gelu_new, Conv1D weights [in, out]"),
    "gpt2_inverse": dict(
        config=dict(GPT2, scale_attn_by_inverse_layer_idx=True, n_layer=3, n_inner=40),
        bites=dict(scale_attn_by_inverse_layer_idx=False),
        about="attention scores divided by layer + 1; n_inner 40",
    ),
    "gpt2_old_names": dict(
        config=GPT2, seed="gpt2", rewrite=old_gpt2, rename=old_gpt2_tensors,
        about="gpt2's weights, named without `transformer.`, with the mask buffers attn.bias; short config",
    ),
    "gpt_neox": dict(
        config=NEOX,
        bites=dict(use_parallel_residual=False),
        about="rotary on a quarter of the head, parallel residual, biases, untied, exact gelu",
    ),
    "gpt_neox_sequential": dict(
        config=dict(NEOX, use_parallel_residual=False, tie_word_embeddings=True),
        about="sequential residual, tied embeddings",
    ),
    "gpt_neox_old_style": dict(
        config=NEOX, seed="gpt_neox", rewrite=old_neox, rename=old_neox_tensors,
        about="gpt_neox's weights; config with rotary_pct + rotary_emb_base, embed_out, buffers as Pythia's files have",
    ),
    "llama_yarn": dict(
        config=YARN, seed="llama_yarn 2",
        bites=dict(rope_parameters=dict(rope_type="default", rope_theta=10000.0)),
        about="YaRN, factor 4: one pair of dimensions kept, one blended, two divided; sharper attention",
    ),
    "llama_yarn_old_style": dict(
        config=YARN, seed="llama_yarn 2", rewrite=oldest_yarn,
        about='llama_yarn\'s weights; config with rope_scaling {"type": "yarn"}',
    ),
    "qwen3_yarn": dict(
        config=dict(
            QWEN, model_type="qwen3", head_dim=8, tie_word_embeddings=True, max_position_embeddings=512,
            rope_parameters=dict(
                YARN_ROPE, factor=8.0, beta_fast=4.0, beta_slow=0.5, mscale=3.0, mscale_all_dim=0.5, truncate=False
            ),
        ),
        bites=dict(rope_parameters=dict(YARN_ROPE, factor=8.0)),
        about="YaRN with all its keys but attention_factor: other bounds, not rounded to pairs, mscale",
    ),
    "gptj": dict(
        config=GPTJ,
        bites=dict(rotary_dim=8),
        about="interleaved rotary on half of the head, parallel residual with one norm, untied, a bias on the head",
    ),
    "gptj_tied": dict(
        config=dict(GPTJ, rotary_dim=8, n_inner=20, tie_word_embeddings=True),
        about="tied embeddings, the head's bias stays; rotary on the whole head; n_inner 20",
    ),
    "phi3": dict(
        config=dict(PHI3, sliding_window=5),
        bites=dict(sliding_window=None),
        about="one matrix for q, k, v and one for gate and up, sliding window 5, untied",
    ),
    "phi3_longrope": dict(
        config=LONGROPE,
        bites=dict(rope_parameters=dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.75)),
        about="LongRoPE within the original 32 positions, rotary on three quarters of the head, tied",
    ),
    "phi3_longrope_old_style": dict(
        config=LONGROPE, seed="phi3_longrope", rewrite=old_longrope,
        about='phi3_longrope\'s weights; config with rope_scaling {"type": "longrope"}, the rest on top',
    ),
    "gemma2": dict(
        config=GEMMA2,
        bites=dict(attn_logit_softcapping=None, final_logit_softcapping=None, sliding_window=50),
        about="bounded scores and logits, layers 0 and 2 slide, scores divided by √6, head_dim 8, hidden/heads 6; tied",
    ),
    "gemma2_old_style": dict(
        config=GEMMA2, seed="gemma2", rewrite=old_gemma2, about="gemma2's weights; config without layer_types"
    ),
    "gemma2_uncapped": dict(
        config=dict(
            GEMMA2, attn_logit_softcapping=None, final_logit_softcapping=None, attention_bias=True,
            tie_word_embeddings=False, layer_types=["full_attention", "full_attention", "sliding_attention"],
        ),
        bites=dict(layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
        about="no bounds (null, not missing), attention biases, untied, layer_types against the usual order",
    ),
    "gemma3": dict(
        config=GEMMA3,
        bites=dict(
            layer_types=["sliding_attention"] * 4,
            rope_parameters={t: dict(rope_type="default", rope_theta=10000.0) for t in GEMMA3["rope_parameters"]},
        ),
        about="every third layer sees everything, with another theta and linear scaling; norms on q and k; tied",
    ),
    "gemma3_old_style": dict(
        config=GEMMA3, seed="gemma3", rewrite=old_gemma3,
        about="gemma3's weights; config with sliding_window_pattern, rope_local_base_freq and rope_scaling",
    ),
    "olmo2": dict(config=OLMO2, about="norms after attention and MLP, norms on q and k over all heads, untied"),
    "olmo2_tied": dict(
        config=dict(OLMO2, attention_bias=True, tie_word_embeddings=True, num_key_value_heads=4),
        about="tied embeddings, attention biases, multi-head",
    ),
    "mixtral": dict(
        config=dict(MIXTRAL, sliding_window=5),
        bites=dict(sliding_window=None, num_experts_per_tok=1),
        about="two of four experts, sliding window 5, untied; names as the first files have them",
    ),
    "mixtral_joined": dict(
        config=dict(MIXTRAL, sliding_window=5), seed="mixtral", save=dict(save_original_format=False),
        about="mixtral's weights; all experts of a layer in two tensors, as transformers 5 names them in memory",
    ),
    "mixtral_tied": dict(
        config=dict(MIXTRAL, num_local_experts=5, num_experts_per_tok=3, tie_word_embeddings=True),
        about="three of five experts, tied embeddings",
    ),
    "llama_bf16": dict(
        config=LLAMA, store=torch.bfloat16, about="stored as bfloat16; logits of these weights in full precision"
    ),
    "llama_sharded": dict(config=LLAMA, save=dict(max_shard_size="20KB"), about="several shards and model.safetensors.index.json"),
}  # fmt: skip


def load(folder: Path, dtype, **changes):
    plain = dict(attn_implementation="eager", experts_implementation="eager")
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, **plain, **changes).eval()


@torch.no_grad()
def logits(model, ids):
    return model(torch.tensor([ids]), use_cache=False).logits[0]


def greedy(model, prompt):
    ids, margin = list(prompt), float("inf")
    for _ in range(GREEDY_TOKENS):
        best = logits(model, ids)[-1].topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        ids.append(best.indices[0].item())
    return ids[len(prompt) :], margin


def write(name: str, spec: dict, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    model = draw(copy.deepcopy(spec["config"]), spec.get("seed", name)).to(spec.get("store", torch.float32))
    model.save_pretrained(folder, **spec.get("save", {}))
    (folder / "generation_config.json").unlink(missing_ok=True)
    if "rewrite" in spec:
        rewrite_config(folder, spec["rewrite"])
    if "rename" in spec:
        config = json.loads((folder / "config.json").read_text())
        weights = folder / "model.safetensors"
        save_file(spec["rename"](load_file(weights), config), weights, metadata={"format": "pt"})

    with InFloat64():
        exact = load(folder, torch.float64)
        assert all(b.dtype == torch.float64 for n, b in exact.named_buffers() if n.endswith("inv_freq"))
        generator = torch.Generator().manual_seed(zlib.crc32(b"input of " + spec.get("seed", name).encode()))
        input_ids = [torch.randint(0, exact.config.vocab_size, (n,), generator=generator).tolist() for n in LENGTHS]
        truth = [logits(exact, ids) for ids in input_ids]
        prompt = input_ids[0][:GREEDY_PROMPT]
        tokens, margin = greedy(exact, prompt)

    # What the folder is about must matter: without it the logits are others.
    for key, value in spec.get("bites", {}).items():
        other = load(folder, torch.float64, **{key: value})
        change = max((logits(other, ids) - t).abs().max().item() for ids, t in zip(input_ids, truth))
        assert change > 0.1, (name, key, change)

    plain = load(folder, torch.float32)
    error = max((logits(plain, ids).double() - t).abs().max().item() for ids, t in zip(input_ids, truth))
    largest = max(t.abs().max().item() for t in truth)
    assert error < 3e-6 * largest, (name, error, largest)
    assert margin > 1e-3 and greedy(plain, prompt)[0] == tokens, (name, margin)

    save_file(
        {f"logits.{i}": t.float().contiguous() for i, t in enumerate(truth)},
        folder / "logits.safetensors",
    )
    golden = {
        "about": spec["about"],
        "transformers": transformers.__version__,
        "input_ids": input_ids,
        "logits_file": "logits.safetensors",
        "largest_logit": largest,
        "float32_max_abs_error": error,
        "greedy": {
            "prompt": prompt,
            "max_new_tokens": GREEDY_TOKENS,
            "tokens": tokens,
            "smallest_margin": margin,
        },
    }
    lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in golden.items())
    (folder / "golden.json").write_text("{\n" + lines + "\n}\n")
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{name:24s} {size:7d} bytes  |logit| {largest:6.2f}  float32 off by {error:.1e}  greedy {tokens}")


if __name__ == "__main__":
    root = Path(sys.argv[1])
    chosen = sys.argv[2:] or list(FAMILIES)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for name in chosen:
        write(name, FAMILIES[name], root / name)
