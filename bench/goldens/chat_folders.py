"""What AutoTokenizer.apply_chat_template makes of model folders with templates in all the places where they may stand.

    python bench/goldens/chat_folders.py core/src/test/resources/golden/chat_folders.json
"""

import json
import sys
import tempfile
from pathlib import Path

import transformers
from tokenizers import Tokenizer, models
from transformers import AutoTokenizer

NAMES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token", "image_token", "video_token"]
SHOW = "{% for m in messages %}[{{ m.role }}|{{ m.content }}]{% endfor %}{{ tools is none }}{{ documents is none }}{{ add_generation_prompt }}"
TOKENS = "{% for name, value in [" + ", ".join(f"('{n}', {n})" for n in NAMES) + "] %}{{ name }}={{ value }};{{ value is defined }} {% endfor %}"
KEYS = "{% for m in messages %}{{ m }}{% endfor %}"
TRIM = "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</{{ m.role }}>\n{% endfor %}"
KEEP = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>\n{% endfor %}"
PARTS = "{% for m in messages %}<{{ m.role }}>{% for p in m.content %}{{ p.text }}{% endfor %}</{{ m.role }}>{% endfor %}"
HI = [{"role": "user", "content": "Hi"}]
ANSWER = HI + [{"role": "assistant", "content": " So far\u00a0 \n"}]
TOOL = {"type": "function", "function": {"name": "f"}}


def token(content):
    return {"__type": "AddedToken", "content": content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False}


def named(*names):
    return [{"name": name, "template": name + ": " + SHOW} for name in names]


# Files of the folder (those of the tokenizer are added), messages, arguments.
CASES = {
    "text in the configuration": ({"tokenizer_config.json": {"chat_template": SHOW}}, HI, {}),
    "with a generation prompt": ({"tokenizer_config.json": {"chat_template": SHOW}}, HI, {"add_generation_prompt": True}),
    "empty tools are not none": ({"tokenizer_config.json": {"chat_template": SHOW}}, HI, {"tools": [], "documents": []}),
    "no template": ({"tokenizer_config.json": {}}, HI, {}),
    "no messages": ({"tokenizer_config.json": {"chat_template": SHOW}}, [], {}),
    "named templates": ({"tokenizer_config.json": {"chat_template": named("rag", "default", "tool_use")}}, HI, {}),
    "named, tools": ({"tokenizer_config.json": {"chat_template": named("default", "tool_use")}}, HI, {"tools": [TOOL]}),
    "named, empty tools": ({"tokenizer_config.json": {"chat_template": named("default", "tool_use")}}, HI, {"tools": []}),
    "named, tools without their template": ({"tokenizer_config.json": {"chat_template": named("default")}}, HI, {"tools": [TOOL]}),
    "named, by name": ({"tokenizer_config.json": {"chat_template": named("rag", "default")}}, HI, {"chat_template": "rag"}),
    "named, none default": ({"tokenizer_config.json": {"chat_template": named("rag", "tool_use")}}, HI, {}),
    "a file wins": ({"tokenizer_config.json": {"chat_template": "old"}, "chat_template.jinja": "new: " + SHOW + "\n"}, HI, {}),
    "a file and more": ({"tokenizer_config.json": {"chat_template": named("rag")}, "chat_template.jinja": "file: " + SHOW, "additional_chat_templates/tool_use.jinja": "tools: " + SHOW}, HI, {"tools": [TOOL]}),
    "more files hide the configuration": ({"tokenizer_config.json": {"chat_template": SHOW}, "additional_chat_templates/rag.jinja": SHOW}, HI, {}),
    "more files, by name": ({"tokenizer_config.json": {}, "additional_chat_templates/rag.jinja": "r: " + SHOW}, HI, {"chat_template": "rag"}),
    "tokens": ({"tokenizer_config.json": {"chat_template": TOKENS, "added_tokens_decoder": {}, "bos_token": "<b>", "eos_token": token("<e>"), "pad_token": None, "image_token": "<i>", "extra_special_tokens": {"video_token": "<v>"}}}, HI, {}),
    "tokens of old folders": ({"tokenizer_config.json": {"chat_template": TOKENS, "bos_token": "<old>"}, "special_tokens_map.json": {"bos_token": "<b>", "eos_token": {"content": "<e>", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False}}}, HI, {}),
    "old tokens not asked for": ({"tokenizer_config.json": {"chat_template": TOKENS, "added_tokens_decoder": {}, "eos_token": "<e>"}, "special_tokens_map.json": {"bos_token": "<b>"}}, HI, {}),
    "variables win over tokens": ({"tokenizer_config.json": {"chat_template": TOKENS, "bos_token": "<b>"}}, HI, {"bos_token": "mine"}),
    "null fields go": ({"tokenizer_config.json": {"chat_template": KEYS}}, [{"role": "assistant", "content": None, "x": [None], "tool_calls": None}], {}),
    "reasoning": ({"tokenizer_config.json": {"chat_template": KEYS}}, [{"role": "a", "reasoning": "r"}, {"role": "a", "thinking": "t"}, {"role": "a", "reasoning_content": "c", "thinking": "t"}], {}),
    "continued, kept": ({"tokenizer_config.json": {"chat_template": KEEP}}, ANSWER, {"continue_final_message": True}),
    "continued, trimmed": ({"tokenizer_config.json": {"chat_template": TRIM}}, ANSWER, {"continue_final_message": True}),
    "continued, empty": ({"tokenizer_config.json": {"chat_template": KEEP}}, HI + [{"role": "assistant", "content": ""}], {"continue_final_message": True}),
    "continued, parts": ({"tokenizer_config.json": {"chat_template": PARTS}}, [{"role": "a", "content": [{"text": "x "}, {"text": "y "}, {"image": "z"}]}], {"continue_final_message": True}),
    "continued, no text part": ({"tokenizer_config.json": {"chat_template": PARTS}}, [{"role": "a", "content": [{"image": "z"}]}], {"continue_final_message": True}),
    "continued, no content": ({"tokenizer_config.json": {"chat_template": KEEP}}, [{"role": "a"}], {"continue_final_message": True}),
    "continued, changed by the template": ({"tokenizer_config.json": {"chat_template": "{{ messages[-1].content | upper }}"}}, HI, {"continue_final_message": True}),
    "continued, not read by the template": ({"tokenizer_config.json": {"chat_template": "{{ messages[-1].role }}"}}, HI, {"continue_final_message": True}),
    "continued thoughts": ({"tokenizer_config.json": {"chat_template": "{{ messages[0].reasoning_content }}|{{ messages[0].content }}"}}, [{"role": "a", "thinking": "hm ", "content": "c"}], {"continue_final_message": "thinking"}),
    "continued and prompted": ({"tokenizer_config.json": {"chat_template": KEEP}}, ANSWER, {"continue_final_message": True, "add_generation_prompt": True}),
    "refused": ({"tokenizer_config.json": {"chat_template": "{{ raise_exception('never') }}"}}, HI, {}),
    "broken": ({"tokenizer_config.json": {"chat_template": "{{ messages[0].content"}}, HI, {}),
}


def run(files, messages, arguments):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vocabulary = {text: i for i, text in enumerate(["<unk>", "<b>", "<e>", "<i>", "<v>", "<old>", "mine"])}
        Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>")).save(str(folder / "tokenizer.json"))
        for path, content in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            if path == "tokenizer_config.json":
                content = {"tokenizer_class": "PreTrainedTokenizerFast", **content}
            (folder / path).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        try:
            return {"text": AutoTokenizer.from_pretrained(folder).apply_chat_template(messages, tokenize=False, **arguments)}
        except Exception as error:  # whatever it is, ours must fail too
            return {"error": f"{type(error).__name__}: {error}".split("\n")[0][:160]}


def main():
    cases = [
        {"name": name, "files": files, "messages": messages, "arguments": arguments, **run(files, messages, arguments)}
        for name, (files, messages, arguments) in CASES.items()
    ]
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump({"made_by": f"transformers {transformers.__version__}", "cases": cases}, out, ensure_ascii=True, indent=1)
        out.write("\n")
    for case in cases:
        print(case["name"], "→", case.get("text", case.get("error")))


if __name__ == "__main__":
    main()
