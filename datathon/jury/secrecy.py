"""What a member of a jury undertakes before the first sheet: the edition's own text, or the shipped one."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Document, Edition
from datathon.kernel.errors import Invalid
from datathon.people.accept import accept, accepted

SHIPPED = {
    "fr": (
        "Je garde le secret des délibérations, des notes et des commentaires du jury, avant comme après l’annonce. "
        "Je n’utilise pas pour mon compte ce que contiennent les dossiers. "
        "Je note seulement d’après la grille et ce qui m’est présenté, "
        "et je signale sans attendre tout lien avec une équipe."
    ),
    "en": (
        "I keep the jury’s debates, marks and comments secret, before and after the announcement. "
        "I do not use what the dossiers hold for my own ends. "
        "I grade by the rubric and by what is presented to me alone, "
        "and I report any tie with a team without delay."
    ),
}
VERSION = "1"


def undertaking(edition: Edition) -> Document:
    """Return the text of the undertaking: ``secrecy`` of the edition's documents where there is one."""
    own = edition.document("secrecy")
    if own is not None:
        return own
    digest = hashlib.sha256("\0".join(f"{key}\0{SHIPPED[key]}" for key in sorted(SHIPPED)).encode())
    return Document("secrecy", VERSION, digest.hexdigest(), SHIPPED)


def has_undertaken(db: Session, edition: Edition, *, juror_id: UUID) -> bool:
    """Whether this person accepted the present version of the undertaking."""
    return accepted(db, person_id=juror_id, edition_id=edition.id, document=undertaking(edition))


def undertake(db: Session, edition: Edition, *, juror_id: UUID, now: datetime, anew: bool) -> None:
    """Record the undertaking where ``anew`` says so. Raises Invalid when its present version was never accepted."""
    if anew:
        accept(db, person_id=juror_id, edition_id=edition.id, document=undertaking(edition), now=now)
    elif not has_undertaken(db, edition, juror_id=juror_id):
        raise Invalid("The sheets open once you undertake to keep the jury’s debates secret.", field="secrecy")
