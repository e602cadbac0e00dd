"""A juror's sheet as a form: what stands, what was typed, what was saved elsewhere meanwhile. Without Flask."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from datathon.editions.rules import Criterion, Level, Rubric, Text
from datathon.jury.grid import marked_maximum, read_mark, total
from datathon.jury.queries import SheetView
from datathon.jury.rules import Content
from datathon.kernel.errors import Invalid, Refusal

COMMENT_FIELDS = ("comment_team", "comment_private")


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with a form: the text of each mark, the number of the level picked, the comments."""

    marks: Mapping[str, str]
    levels: Mapping[str, int]
    comment_team: str
    comment_private: str
    version: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A form that was read: the content as far as it could be understood, and what could not, by criterion."""

    content: Content
    refusals: Mapping[str, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LevelView:
    """One written level of a criterion."""

    low: float
    high: float
    text: str
    checked: bool


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One line of the rubric as the form shows it.

    ``typed`` is the text of its mark (None: show ``mark``); ``kept`` the mark as it is kept; ``theirs`` the mark saved
    elsewhere where it differs. ``weight`` and ``comment_below`` as in the rubric.
    """

    id: str
    number: int
    title: str
    help: str
    maximum: float
    step: float
    levels: tuple[LevelView, ...]
    mark: float | None
    typed: str | None
    kept: float | None
    theirs: float | None
    refusal: Refusal | None
    weight: float | None
    comment_below: float | None


@dataclass(frozen=True, slots=True)
class SheetForm:
    """The whole form. ``version`` is the one the next save is based on: after a conflict the newer one, then seen."""

    criteria: tuple[CriterionView, ...]
    comment_team: str
    comment_private: str
    their_comment_team: str | None
    their_comment_private: str | None
    kept_comments: tuple[str, str]
    version: int
    state: str
    refusal: Refusal | None
    total: float
    out_of: float
    maximum: float
    to_mark: int

    @property
    def conflicting(self) -> bool:
        """Whether anything that was typed differs from what was saved elsewhere meanwhile."""
        return self.their_comment_team is not None or self.their_comment_private is not None or self.clashes > 0

    @property
    def clashes(self) -> int:
        """How many marks differ from those saved elsewhere."""
        return sum(c.theirs is not None for c in self.criteria)


def typed(form: Mapping[str, str]) -> Typed:
    """Read the fields of a posted form as they are; nothing is refused here."""
    levels = {k.removeprefix("level-"): v for k, v in form.items() if k.startswith("level-")}
    return Typed(
        marks={k.removeprefix("mark-"): v for k, v in form.items() if k.startswith("mark-")},
        levels={k: int(v) for k, v in levels.items() if v.isascii() and v.isdigit()},
        comment_team=newlines(form.get("comment_team", "")),
        comment_private=newlines(form.get("comment_private", "")),
        version=int(form["version"]) if form.get("version", "").isdecimal() else 0,
        reason=newlines(form.get("reason", "")),
    )


def newlines(text: str) -> str:
    """Return a comment as it is kept: one kind of line end, nothing around it."""
    return text.replace("\r\n", "\n").strip()


def read(rubric: Rubric, given: Typed, kept: SheetView) -> Read:
    """Turn what was typed into marks.

    A level without a mark gives the middle of the level. Where mark and level disagree, the one that changed since the
    sheet was kept wins; when both changed, the criterion is refused and says so.
    """
    marks: dict[str, float] = {}
    refusals: dict[str, Refusal] = {}
    for criterion in rubric.criteria:
        try:
            mark = _mark(criterion, given, kept)
        except Invalid as refusal:
            refusals[criterion.id] = refusal
        else:
            if mark is not None:
                marks[criterion.id] = mark
    return Read(Content(marks, given.comment_team, given.comment_private), refusals)


def _mark(criterion: Criterion, given: Typed, kept: SheetView) -> float | None:
    mark = read_mark(criterion, given.marks.get(criterion.id, ""))
    picked = _picked(criterion, given.levels.get(criterion.id))
    if picked is None:
        return mark
    if mark is None:
        return middle(criterion, picked)
    if picked.low <= mark <= picked.high:
        return mark
    before = kept.marks.get(criterion.id)
    if mark == before:
        return middle(criterion, picked)
    if before is not None and picked == level_of(criterion, before):
        return mark
    raise Invalid(
        "The mark %(mark)s is not in the level you picked (%(low)s to %(high)s). Keep one of the two.",
        field=criterion.id,
        mark=mark,
        low=picked.low,
        high=picked.high,
    )


def _picked(criterion: Criterion, number: int | None) -> Level | None:
    if number is None or not 0 <= number < len(criterion.levels):
        return None
    return criterion.levels[number]


def middle(criterion: Criterion, level: Level) -> float:
    """Return the middle of a level, rounded down to the criterion's step."""
    return (level.low + level.high) / 2 // criterion.step * criterion.step


def level_of(criterion: Criterion, mark: float) -> Level | None:
    """Return the written level a mark lies in, None where the rubric writes none."""
    return next((level for level in criterion.levels if level.low <= mark <= level.high), None)


def shown(rubric: Rubric, kept: SheetView, language: str) -> SheetForm:
    """Return the form of a sheet as it is kept."""
    criteria = tuple(
        _criterion(n, c, language, mark=kept.marks.get(c.id), kept=kept.marks.get(c.id))
        for n, c in enumerate(rubric.criteria, start=1)
    )
    return _form(rubric, criteria, kept, kept.marks, comments=(kept.comment_team, kept.comment_private))


def shown_again(
    rubric: Rubric, given: Typed, understood: Read, kept: SheetView, language: str, *, refusal: Refusal | None
) -> SheetForm:
    """Return a refused form with everything that was typed, beside what was saved elsewhere meanwhile."""
    stale = kept.version != given.version
    criteria = tuple(
        _criterion(
            n,
            c,
            language,
            mark=understood.content.marks.get(c.id),
            kept=kept.marks.get(c.id),
            text=given.marks.get(c.id, "") if c.id in understood.refusals else None,
            theirs=_differs(kept.marks.get(c.id), understood.content.marks.get(c.id)) if stale else None,
            refusal=understood.refusals.get(c.id),
            picked=given.levels.get(c.id) if c.id in understood.refusals else None,
        )
        for n, c in enumerate(rubric.criteria, start=1)
    )
    form = _form(
        rubric,
        criteria,
        kept,
        understood.content.marks,
        comments=(given.comment_team, given.comment_private),
        refusal=refusal,
    )
    return form if stale else _without_theirs(form)


def _differs(theirs: float | None, mine: float | None) -> float | None:
    return theirs if theirs != mine else None


def _criterion(
    number: int,
    criterion: Criterion,
    language: str,
    *,
    mark: float | None,
    kept: float | None,
    text: str | None = None,
    theirs: float | None = None,
    refusal: Refusal | None = None,
    picked: int | None = None,
) -> CriterionView:
    stands = None if mark is None else level_of(criterion, mark)
    if picked is not None and 0 <= picked < len(criterion.levels):
        stands = criterion.levels[picked]
    return CriterionView(
        id=criterion.id,
        number=number,
        title=in_language(criterion.title, language),
        help=in_language(criterion.help, language),
        maximum=criterion.maximum,
        step=criterion.step,
        levels=tuple(LevelView(v.low, v.high, in_language(v.text, language), v is stands) for v in criterion.levels),
        mark=mark,
        typed=text,
        kept=kept,
        theirs=theirs,
        refusal=refusal,
        weight=criterion.weight,
        comment_below=criterion.comment_below,
    )


def in_language(text: Text, language: str) -> str:
    """Return a text in this language, in French where it is not translated."""
    return text.get(language) or text.get("fr", "")


def _form(
    rubric: Rubric,
    criteria: tuple[CriterionView, ...],
    kept: SheetView,
    marks: Mapping[str, float],
    *,
    comments: tuple[str, str],
    refusal: Refusal | None = None,
) -> SheetForm:
    comment_team, comment_private = comments
    return SheetForm(
        criteria=criteria,
        comment_team=comment_team,
        comment_private=comment_private,
        their_comment_team=kept.comment_team if kept.comment_team != comment_team else None,
        their_comment_private=kept.comment_private if kept.comment_private != comment_private else None,
        kept_comments=(kept.comment_team, kept.comment_private),
        version=kept.version,
        state=kept.state,
        refusal=refusal,
        total=total(rubric, marks),
        out_of=marked_maximum(rubric, marks),
        maximum=rubric.maximum,
        to_mark=len(rubric.criteria) - len(marks),
    )


def _without_theirs(form: SheetForm) -> SheetForm:
    return replace(form, their_comment_team=None, their_comment_private=None)
