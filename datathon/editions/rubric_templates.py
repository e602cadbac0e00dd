"""Rubrics that an organiser may start from, as the text to paste into ``edition.toml``."""

from dataclasses import dataclass
from pathlib import Path

from datathon.kernel.errors import NotFound

FOLDER = Path(__file__).parent / "rubrics"
PLACE = '"CHALLENGE"   # the challenge whose prototypes the jury grades'


@dataclass(frozen=True, slots=True)
class Template:
    """A rubric to start from: its name, one line about it, the TOML text."""

    name: str
    about: str
    text: str


def templates() -> tuple[Template, ...]:
    """Return the templates by name."""
    found = ((path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml")))
    return tuple(Template(name, text.partition("\n")[0].removeprefix("# "), text) for name, text in found)


def template(name: str, *, challenge: str = "") -> str:
    """Return the text of one template, for ``challenge`` where it is given. Raises NotFound for an unknown name."""
    for one in templates():
        if one.name == name:
            return one.text.replace(PLACE, f'"{challenge}"') if challenge else one.text
    raise NotFound(
        "There is no rubric “%(name)s”; there are %(known)s.", name=name, known=", ".join(t.name for t in templates())
    )
