"""The dossier as a form: what stands, what was typed, what somebody else saved meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from datathon.editions.rules import Challenge, DossierField, Text
from datathon.kernel.errors import Refusal
from datathon.submissions.dossier import TITLE_FIELD, Incomplete, Stale, text_fields
from datathon.submissions.queries import Dossier, DossierFile
from datathon.submissions.rules import MEDIA_TYPES, TITLE_LENGTH, accepted_types, format_names, is_link


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field as the form shows it. ``theirs`` is the text somebody saved meanwhile where it differs from ``value``."""

    id: str
    type: str
    title: str
    help: str
    required: bool
    value: str
    theirs: str | None
    file: DossierFile | None
    max_length: int
    max_bytes: int
    accept: str
    formats: str
    error: Refusal | None
    missing: bool

    @property
    def link(self) -> str:
        """The text as an address that may be followed, empty for anything else."""
        return self.value if self.type == "url" and is_link(self.value) else ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with a form that was refused, and why: it is shown again as it was typed."""

    texts: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class DossierForm:
    """The whole form. ``version`` is the one a save is based on: after a conflict the newer one, which was then seen."""

    title: FieldView
    fields: tuple[FieldView, ...]
    version: int
    dossier: Dossier | None
    refusal: Refusal | None

    @property
    def submitted(self) -> bool:
        """Whether the dossier is handed in."""
        return self.dossier is not None and self.dossier.state == "submitted"

    @property
    def conflicting(self) -> bool:
        """Whether somebody saved the dossier while this form was open."""
        return isinstance(self.refusal, Stale)

    @property
    def done(self) -> int:
        """How many required fields are filled, the title among them."""
        return sum(1 for f in self._required if f.value or f.file)

    @property
    def required(self) -> int:
        """How many fields are required, the title among them."""
        return len(self._required)

    @property
    def _required(self) -> tuple[FieldView, ...]:
        return tuple(f for f in (self.title, *self.fields) if f.required)


def dossier_form(
    challenge: Challenge, dossier: Dossier | None, *, lang: str, typed: Typed | None = None
) -> DossierForm:
    """Return the form for ``dossier`` (None: not begun), with what was typed in place of what stands."""
    refusal = None if typed is None else typed.refusal
    texts = {} if typed is None else typed.texts
    title = next((f for f in challenge.dossier if f.id == TITLE_FIELD), None) or _title_field()
    stands = {} if dossier is None else {**dossier.fields, TITLE_FIELD: dossier.title}
    views = tuple(
        _view(one, stands.get(one.id, ""), texts.get(one.id), dossier=dossier, refusal=refusal, lang=lang)
        for one in (title, *text_fields(challenge))
    )
    return DossierForm(views[0], views[1:], 0 if dossier is None else dossier.version, dossier, refusal)


def in_language(text: Text, lang: str) -> str:
    """Return ``text`` in ``lang``, in French where that language is missing."""
    return text.get(lang) or text.get("fr", "")


def _title_field() -> DossierField:
    return DossierField(
        TITLE_FIELD,
        "line",
        {"fr": "Titre du prototype", "en": "Title of the prototype"},
        {"fr": "Celui de la page publique.", "en": "The one of the public page."},
        max_length=TITLE_LENGTH,
    )


def _view(
    one: DossierField,
    stands: str,
    typed: str | None,
    *,
    dossier: Dossier | None,
    refusal: Refusal | None,
    lang: str,
) -> FieldView:
    value = stands if typed is None else typed
    missing = isinstance(refusal, Incomplete) and one.id in refusal.fields
    return FieldView(
        id=one.id,
        type=one.type,
        title=in_language(one.title, lang),
        help=in_language(one.help, lang),
        required=one.required,
        value=value,
        theirs=stands if isinstance(refusal, Stale) and _plain(stands) != _plain(value) else None,
        file=None if dossier is None else dossier.file(one.id),
        max_length=one.max_length,
        max_bytes=one.max_bytes,
        accept=",".join(f".{name}" for name, kind in MEDIA_TYPES.items() if kind in accepted_types(one)),
        formats=", ".join(format_names(one)),
        error=refusal if refusal is not None and refusal.field == one.id and not missing else None,
        missing=missing,
    )


def _plain(text: str) -> str:
    """Return ``text`` as it would be kept, so that line ends of a browser do not look like a change."""
    return text.replace("\r\n", "\n").strip()
