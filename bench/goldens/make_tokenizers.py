"""Trains three tiny tokenizers and writes what transformers' AutoTokenizer makes of some awkward texts.

    python bench/goldens/make_tokenizers.py core/src/test/resources/golden/tokenizers

(Not named tokenizers.py: a script's folder comes first on Python's path, and `import tokenizers` would find the script.)
"""

import json
import sys
from pathlib import Path

import tokenizers
import transformers
from texts import CORPUS
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

TEXTS = [
    "",
    " ",
    "Hello, how can I help you today?",
    "The sky is blue.",
    " The sky is blue.",
    "two  spaces,   three,    four",
    "trailing spaces  ",
    "line one\nline two\n\nline four\n",
    "tab\tand\r\nreturn",
    "def add(a, b):\n    return a + b\n",
    "I don't know, he said; I'LL find out.",
    "a space , before . punctuation ! isn 't kept ?",
    "1 22 333 4444 55555 3.14159",
    "naïve café, Straße, Ελλάδα, Москва, 東京, العربية, हिन्दी",
    "e\u0301 is not \u00e9, and \ufb01 is a ligature",
    "emoji: 🙂 👩‍👩‍👧 🇪🇺 ✈️",
    "no\u00a0break, zero\u200bwidth, \u3000wide",
    "▁ is the sign for a space, Ġ another",
    "control \u0001 and \u007f, replacement \ufffd",
    "<s>the start</s> of the end</s>",
    "a</s>b </s> c",
    "the sky<|endoftext|> is blue<|endoftext|>",
    "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi!<|eot_id|>",
    "<unk> and <0x0A>",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
]


def lines():
    return CORPUS.splitlines(keepends=True)


def gpt2_style():
    """Byte-level, no token at the start, <|endoftext|> at the end of the vocabulary."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=319, initial_alphabet=sorted(alphabet), show_progress=False)
    tokenizer.train_from_iterator(lines(), trainer)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    config = dict(
        tokenizer_class="GPT2Tokenizer", add_prefix_space=False, model_max_length=1024,
        bos_token="<|endoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>",
    )  # fmt: skip
    return tokenizer, config


def llama2_style():
    """Spaces become ▁, one in front; bytes for what the vocabulary lacks; <s> in front."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    trained.train_from_iterator(
        (line.rstrip("\n") for line in lines()), trainers.BpeTrainer(vocab_size=120, show_progress=False)
    )
    learnt = json.loads(trained.to_str())["model"]
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    # As SentencePiece does: merged pieces in the order of learning, then single characters.
    merged = [a + b for a, b in learnt["merges"]]
    single = [p for p, _ in sorted(learnt["vocab"].items(), key=lambda item: item[1]) if len(p) == 1]
    vocab = {piece: i for i, piece in enumerate(pieces + merged + single)}
    tokenizer = Tokenizer(
        models.BPE(vocab, [tuple(m) for m in learnt["merges"]], unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
    )
    config = dict(
        tokenizer_class="PreTrainedTokenizerFast", bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        clean_up_tokenization_spaces=False, model_max_length=512,
    )  # fmt: skip
    return tokenizer, config


def llama3_style():
    """Byte-level with Llama 3's way of cutting, <|begin_of_text|> in front by a template, special tokens last."""
    cut = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(cut), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=315, initial_alphabet=sorted(alphabet), show_progress=False)
    tokenizer.train_from_iterator(lines(), trainer)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    tokenizer.add_special_tokens(special)
    begin = special[0]
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single=f"{begin} $A",
                pair=f"{begin} $A {begin}:1 $B:1",
                special_tokens=[(begin, tokenizer.token_to_id(begin))],
            ),
        ]
    )
    config = dict(
        tokenizer_class="PreTrainedTokenizerFast", bos_token=begin, eos_token="<|end_of_text|>",
        clean_up_tokenization_spaces=True, model_max_length=131072,
    )  # fmt: skip
    return tokenizer, config


def write(tokenizer, config, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


def golden(folder: Path) -> dict:
    auto = AutoTokenizer.from_pretrained(folder)
    cases = []
    for text in TEXTS:
        ids = auto(text)["input_ids"]
        cases.append(
            {
                "text": text,
                "ids": ids,
                "ids_without_special": auto(text, add_special_tokens=False)["input_ids"],
                "decoded": auto.decode(ids, skip_special_tokens=True),
                "decoded_with_special": auto.decode(ids),
            }
        )
    return {
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "vocab_size": len(auto),
        "bos_token_id": auto.bos_token_id,
        "eos_token_id": auto.eos_token_id,
        "cases": cases,
    }


STYLES = {"gpt2_style": gpt2_style, "llama2_style": llama2_style, "llama3_style": llama3_style}

if __name__ == "__main__":
    root = Path(sys.argv[1])
    for name, make in STYLES.items():
        tokenizer, config = make()
        write(tokenizer, config, root / name)
        result = golden(root / name)
        raw = Tokenizer.from_file(str(root / name / "tokenizer.json"))
        for case in result["cases"]:
            if raw.encode(case["text"]).ids != case["ids"]:
                print(name, "AutoTokenizer differs from tokenizer.json alone:", repr(case["text"]))
            if raw.decode(case["ids"]) != case["decoded"]:
                print(name, "decode differs from tokenizer.json alone:", repr(case["text"]))
        head = "".join(f" {json.dumps(k)}: {json.dumps(v)},\n" for k, v in result.items() if k != "cases")
        rows = ",\n".join("  " + json.dumps(c) for c in result["cases"])
        (root / name / "golden.json").write_text(f'{{\n{head} "cases": [\n{rows}\n ]\n}}\n')
        print(name, len(tokenizer.get_vocab()), {f.name: f.stat().st_size for f in (root / name).iterdir()})
