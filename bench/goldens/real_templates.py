"""Hashes of what transformers makes of real chat templates, which stay out of the repository: their licences are unclear.

    python bench/goldens/real_templates.py FOLDER core/src/test/resources/golden/real_templates.json

FOLDER holds the templates as *.jinja, from models/templates of llama.cpp, examples of vllm, trl/chat_templates of TRL,
axolotl and the like. For each, two SHA-256: of its text, and of all renderings (the conversations and settings are those of
chat_templates.py): text or "error", then the spans as "start-end ", then a zero byte. It is then 2025-03-09, 07:05:03.
"""

import datetime
import hashlib
import json
import sys
from pathlib import Path

import chat_templates
import jinja2
import transformers
from transformers.utils import chat_template_utils


class Frozen(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2025, 3, 9, 7, 5, 3)


def digest(template):
    sha = hashlib.sha256()
    for messages in chat_templates.CONVERSATIONS.values():
        for settings in chat_templates.SETTINGS.values():
            result = chat_templates.render(template, messages, settings)
            spans = "".join(f"{start}-{end} " for start, end in result.get("spans", []))
            sha.update((result.get("text", "error") + spans + "\0").encode())
    return sha.hexdigest()


def main():
    chat_template_utils.datetime = Frozen
    templates = {}
    for file in sorted(Path(sys.argv[1]).glob("*.jinja")):
        source = file.read_bytes()
        text = hashlib.sha256(source).hexdigest()
        if all(text != template["text"] for template in templates.values()):
            templates[file.stem] = {"text": text, "rendered": digest(source.decode())}
            print(file.stem)
    golden = {"made_by": f"transformers {transformers.__version__}, jinja2 {jinja2.__version__}", "templates": templates}
    Path(sys.argv[2]).write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
