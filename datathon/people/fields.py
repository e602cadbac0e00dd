"""What an account may hold, field by field."""

import unicodedata

from email_validator import EmailNotValidError, validate_email

from datathon.kernel.errors import Invalid

PROFILES = ("domain", "data", "design", "development")
"""What somebody brings to a team; the same words as in the statistics of an edition. Empty: not said."""


def email(text: str) -> str:
    """Return an address as accounts keep it: ASCII and in lower case. Raises Invalid; asks no name server."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Invalid("This is not an e-mail address. Example: camille@example.org.", field="email") from None
    return (found.ascii_email or found.normalized).lower()


def line(text: str, *, field: str, longest: int) -> str:
    """Return one line of text without control characters and doubled spaces. Raises Invalid when it is too long."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in {"Cc", "Cf"})
    if len(plain) > longest:
        raise Invalid("At most %(count)s characters.", field=field, count=longest)
    return plain


def name(text: str) -> str:
    """Return a person's name. Raises Invalid when it is empty or too long."""
    plain = line(text, field="name", longest=120)
    if not plain:
        raise Invalid("Write the name that your team and the organisers will see.", field="name")
    return plain
