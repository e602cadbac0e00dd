"""What was typed into a form, checked field by field, so that every mistake shows at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from flask import request

from datathon.kernel.errors import Refusal
from datathon.web.show import sentence

Value = TypeVar("Value")


@dataclass(slots=True)
class Typed:
    """A form as it was sent. ``errors`` maps a field's name, "" for the whole form, to its sentence."""

    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a field as it was typed, "" when it is absent."""
        return request.form.get(name, "")

    def refuse(self, refusal: Refusal, *, name: str = "") -> None:
        """Note a refusal beside its own field, or beside ``name``."""
        self.errors.setdefault(refusal.field or name, sentence(refusal))

    def check(self, read: Callable[[], Value]) -> Value | None:
        """Return what ``read`` makes of the form; None, with its sentence noted, when it refuses."""
        try:
            return read()
        except Refusal as refusal:
            self.refuse(refusal)
            return None
