"""Renders the chat templates of a folder on a set of conversations, as transformers does.

    python bench/goldens/chat_templates.py template/src/test/resources/golden/chat

Writes rendered.json beside the templates. The templates are written for these tests.
"""

import json
import sys
from pathlib import Path

import jinja2
import transformers
from transformers.utils.chat_template_utils import render_jinja_template

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a place,\nnow or later.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Name, e.g. \"Zürich\""},
                "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
                "days": {"type": ["integer", "null"], "oneOf": [{"type": "integer"}, {"type": "string", "nullable": True}]},
                "points": {"type": "array", "items": {"type": "number"}},
                "deep": {"type": "object", "properties": {"x": {"type": "boolean"}}, "required": ["x"]},
            },
            "required": ["city"],
        },
        "returns": {"type": "string"},
    },
}
ADD = {"type": "function", "function": {"name": "add", "description": "a < b & 'c'", "parameters": {"type": "object", "properties": {}}}}


def call(name, arguments, identifier="abcdefghi"):
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


SYSTEM = {"role": "system", "content": "  You are terse.\n"}
CONVERSATIONS = {
    "plain": [{"role": "user", "content": "Hello!"}],
    "answered": [{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hi. "}],
    "system": [SYSTEM, {"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hi."}],
    "multi_turn": [
        SYSTEM,
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": " Two?\n\n"},
        {"role": "assistant", "content": "\n2\n"},
        {"role": "user", "content": "Three?"},
    ],
    "tool_round": [
        {"role": "user", "content": "Weather in Zürich?"},
        {"role": "assistant", "content": "", "tool_calls": [call("get_weather", {"city": "Zürich", "days": 2, "points": [1.0, 2.5e-7], "deep": {"x": True, "y": None}})]},
        {"role": "tool", "name": "get_weather", "tool_call_id": "abcdefghi", "content": "{\"t\": 21.5}"},
        {"role": "assistant", "content": "21.5 °C."},
    ],
    "two_calls": [
        SYSTEM,
        {"role": "user", "content": "Sums?"},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [call("add", {"a": 1, "b": -2}), call("add", {}, "123456789")]},
        {"role": "tool", "tool_call_id": "abcdefghi", "content": "-1"},
        {"role": "tool", "tool_call_id": "123456789", "content": "line\n\nline"},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "Thanks"},
    ],
    "bad_call_id": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [call("add", {"a": "1"}, "1")]},
        {"role": "tool", "tool_call_id": "1", "content": "1"},
    ],
    "thinking": [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "<think>\nOld thought\n</think>\n\nOld answer"},
        {"role": "user", "content": "Really?"},
        {"role": "assistant", "reasoning_content": "\nNew thought\n", "content": "Yes"},
    ],
    "thinking_field": [{"role": "user", "content": "Why?"}, {"role": "assistant", "thinking": "Because", "content": "So."}],
    "thinking_tool": [
        {"role": "user", "content": "2+2?"},
        {"role": "assistant", "content": "", "reasoning": "Use add", "tool_calls": [call("add", {"a": 2, "b": 2})]},
        {"role": "tool", "content": "4", "tool_call_id": "abcdefghi"},
        {"role": "assistant", "content": "<think>I know</think>4"},
    ],
    "unicode": [
        {"role": "system", "content": "日本語 🇯🇵"},
        {"role": "user", "content": "😀é\u0301 \u2028 \x07 \"quoted\" <b>&amp;</b> {{ x }} {% y %}"},
        {"role": "assistant", "content": "👩‍👩‍👧 𝔘𝔫𝔦 ｜ ▁"},
        {"role": "user", "content": "\u00a0trim me\u3000"},
    ],
    "empty_content": [{"role": "system", "content": ""}, {"role": "user", "content": ""}, {"role": "assistant", "content": ""}],
    "no_content": [{"role": "user", "content": "x"}, {"role": "assistant"}],
    "parts": [
        {"role": "user", "content": [{"type": "image", "url": "x.png"}, {"type": "text", "text": " What is this? "}]},
        {"role": "assistant", "content": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]},
    ],
    "two_users": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
    "assistant_first": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}],
    "unknown_role": [{"role": "user", "content": "a"}, {"role": "narrator", "content": "b"}],
    "no_role": [{"content": "a"}],
    "dangling_tool": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}],
    "object_result": [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "", "tool_calls": [call("add", {"a": 0.1, "b": 12345678901234567890, "c": 1e22})]},
        {"role": "tool", "content": {"content": [1, {"k": "v"}], "ok": True}, "tool_call_id": "abcdefghi"},
    ],
    "string_arguments": [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "", "tool_calls": [call("add", "{\"a\": 1}")]},
    ],
}
DOCUMENTS = [{"title": "T1", "text": "First text that is longer than forty characters, surely."}, {"text": "x", "title": "T2", "n": 3}]
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}

# What is set beside the messages.
SETTINGS = {
    "bare": {},
    "prompted": {"add_generation_prompt": True},
    "tools": {"tools": [WEATHER, ADD], "add_generation_prompt": True, "enable_thinking": False},
    "documents": {"documents": DOCUMENTS, "tools": [ADD], "builtin": ["python", "add"], "tools_first": False},
    "continued": {"continue_final_message": True},
    "spans": {"return_assistant_tokens_mask": True},
}


def render(template, messages, settings):
    try:
        texts, spans = render_jinja_template([messages], chat_template=template, **SPECIAL, **settings)
    except Exception as error:  # whatever it is, ours must fail too
        return {"error": f"{type(error).__name__}: {error}"[:200]}
    return {"text": texts[0], "spans": spans[0]} if spans else {"text": texts[0]}


def main():
    folder = Path(sys.argv[1])
    rendered = {}
    for file in sorted(folder.glob("*.jinja")):
        template = file.read_text(encoding="utf-8")
        rendered[file.stem] = {
            conversation: {name: render(template, messages, settings) for name, settings in SETTINGS.items()}
            for conversation, messages in CONVERSATIONS.items()
        }
    golden = {
        "made_by": f"transformers {transformers.__version__}, jinja2 {jinja2.__version__}",
        "special": SPECIAL,
        "conversations": CONVERSATIONS,
        "settings": SETTINGS,
        "rendered": rendered,
    }
    with open(folder / "rendered.json", "w", encoding="utf-8") as out:
        json.dump(golden, out, ensure_ascii=True, indent=1)
        out.write("\n")
    results = [r for t in rendered.values() for c in t.values() for r in c.values()]
    print(f"{len(rendered)} templates, {len(results)} renderings, {sum('error' in r for r in results)} of them errors")


if __name__ == "__main__":
    main()
