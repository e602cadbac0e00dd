"""One small family of refusals; the web maps each to a status in one place.

Each carries a message key of the catalogue (English text, translated by the door that shows it) and its parameters,
so that acts never speak a language and never build sentences.
"""


class Refusal(Exception):  # noqa: N818 - the family is named for what it says, not for how Python carries it
    """An act said no, for a reason that the person can be told."""

    def __init__(self, message: str, *, field: str | None = None, **params: object) -> None:
        """Keep the catalogue key, the form field it belongs to (None: the whole form) and the sentence's parameters."""
        super().__init__(message)
        self.message = message
        self.field = field
        self.params = params


class NotAllowed(Refusal):
    """The person may not do this; signing in as someone else may help (403)."""


class NotFound(Refusal):
    """No such thing, or nothing this person may know of (404)."""


class Invalid(Refusal):
    """What was typed or uploaded does not fit; ``field`` says where (422)."""


class Conflict(Refusal):
    """The thing changed meanwhile or its state forbids this now (409)."""


class TooLarge(Refusal):
    """The upload is above the limit named in the parameters (413)."""


class Unavailable(Refusal):
    """The platform lacks something it needs for now: disk, scorer, mail (503)."""
