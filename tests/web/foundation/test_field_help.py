"""Fields that are not plain by their label alone have a sentence beside them, tied to the field."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[3] / "datathon" / "web" / "templates"
HELPED = [
    ("account/home.html", "profile"), ("account/home.html", "organisation"),
    ("account/register.html", "password"), ("jury/home.html", "sheets"), ("jury/home.html", "times"),
    ("organiser/assignment.html", "n"), ("organiser/assignment.html", "t"), ("organiser/assignment.html", "T"),
    ("organiser/deliberation.html", "embargo"), ("organiser/_deciding.html", "casting"),
    ("organiser/_deciding.html", "{{ award.field }}-title"), ("organiser/jury_members.html", "reason"),
    ("participant/_upload.html", "file"), ("participant/_upload.html", "message"), ("participant/team.html", "name"),
    ("participant/team.html", "town"), ("participant/team_new.html", "name"), ("participant/team_new.html", "town"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "name"), HELPED)
def test_field_that_needs_help_has_it_beside(template: str, name: str) -> None:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    calls = re.findall(rf'ui\.field\(\s*"{re.escape(name)}",.*?\) }}}}', text, re.DOTALL)
    tags = [
        tag for tag in re.findall(r"<(?:input|select|textarea)\b.*?[^}%]>", text, re.DOTALL) if f'name="{name}"' in tag
    ]
    assert calls or tags
    # A call of the macro has its label and, after it, the sentence.
    assert any(call.count("_(") > 1 for call in calls) or any("aria-describedby" in tag for tag in tags)
