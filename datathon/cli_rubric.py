"""``datathon rubric``: rubrics to start from."""

import json
import sys

from datathon.editions.rubric_templates import template, templates


def rubric(name: str, *, challenge: str, as_json: bool) -> int:
    """Print one rubric as TOML, or list what there is; return 0. Raises NotFound for an unknown name."""
    if name:
        text = template(name, challenge=challenge)
        sys.stdout.write(json.dumps({"name": name, "toml": text}) + "\n" if as_json else text)
        return 0
    known = templates()
    if as_json:
        sys.stdout.write(json.dumps([{"name": t.name, "about": t.about} for t in known]) + "\n")
    else:
        sys.stdout.writelines(f"{t.name:16} {t.about}\n" for t in known)
    return 0
