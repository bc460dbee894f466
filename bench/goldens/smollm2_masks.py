"""Token ids and assistant masks that transformers gives for conversations of UltraFeedback, with SmolLM2's tokenizer.

    python bench/goldens/smollm2_masks.py SMOLLM2/tokenizer.json shared/data/preference/ultrafeedback/train.jsonl \
        core/src/test/resources/golden/smollm2_masks.json

For each row and template the first 8 digits of the SHA-256 of "id id …:1010…": ids, then one digit a token. The tokenizer is
read as it is: AutoTokenizer of transformers 5 makes it a GPT2Tokenizer, which does not split digits as the file says.
"""

import hashlib
import json
import sys
from pathlib import Path

import transformers

TURNS = (
    "{% for message in messages %}{{ '<|im_start|>' ~ message.role ~ '\n' }}{% if message.role == 'assistant' %}"
    "{% generation %}{{ message.content ~ '<|im_end|>' }}{% endgeneration %}{% else %}{{ message.content ~ '<|im_end|>' }}"
    "{% endif %}{{ '\n' }}{% endfor %}"
)
# Begins and ends anywhere, in the middle of tokens and of characters that have several.
THIRDS = (
    "{% for message in messages %}{% set n = message.content | length %}{{ message.content[:n // 3] }}{% generation %}"
    "{{ message.content[n // 3:2 * n // 3] }}{% endgeneration %}{{ message.content[2 * n // 3:] }}{% endfor %}"
)
ODD = "👩‍👩‍👧 🏳️‍🌈 日本語のテキスト e\u0323\u0301 שלום עולם 𝔘𝔫𝔦 𠜎𠜱 <|im_end|>\u0000\u00a0  \n\n\t🇯🇵🇯 1234567"


def conversation(row):
    return [
        {"role": "user", "content": row["prompt"]},
        {"role": "assistant", "content": row["chosen"]},
        {"role": "user", "content": ODD[row["source_index"] % len(ODD) :]},
        {"role": "assistant", "content": row["rejected"]},
    ]


def main():
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    templates = {"turns": TURNS, "thirds": THIRDS}
    digests = {name: [] for name in templates}
    tokens = 0
    for row in rows:
        for name, template in templates.items():
            encoded = tokenizer.apply_chat_template(
                conversation(row), chat_template=template, return_dict=True, return_assistant_tokens_mask=True
            )
            tokens += len(encoded["input_ids"])
            text = " ".join(map(str, encoded["input_ids"])) + ":" + "".join(map(str, encoded["assistant_masks"]))
            digests[name].append(hashlib.sha256(text.encode()).hexdigest()[:8])
    golden = {"made_by": f"transformers {transformers.__version__}", "templates": templates, "odd": ODD, "digests": digests}
    Path(sys.argv[3]).write_text(json.dumps(golden) + "\n", encoding="utf-8")
    print(f"{len(rows)} conversations, {tokens} tokens")


if __name__ == "__main__":
    main()
