"""Attributes stay apart: a condition at the end of a line takes the line's end with it, and the next attribute sticks to it."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[3] / "datathon" / "web" / "templates"
SPOKEN = re.compile(r"\{[%{#].*?[%}#]\}", re.DOTALL)
TAG = re.compile(r"<[a-zA-Z][^<>]*>")
GLUED = re.compile(r"(?<!\+)%\}\n\s*(?=\{%|[a-zA-Z])")


def test_condition_between_attributes_keeps_them_apart() -> None:
    wrong = []
    for path in TEMPLATES.rglob("*.html"):
        # Signs of comparison within conditions end no tag.
        text = SPOKEN.sub(lambda found: found[0].replace("<", " ").replace(">", " "), path.read_text(encoding="utf-8"))
        wrong += [f"{path.name}: {tag[0]}" for tag in TAG.finditer(text) if GLUED.search(tag[0])]
    assert wrong == []
