"""Which rows of a reference are public and which private, as scoring will have it. For checks beforehand."""

from datathon.editions.rules import Reference, SubmissionFormat
from datathon.editions.sheet import Sheet
from datathon.editions.split import key_of, public_rows

PUBLIC, PRIVATE = "Public", "Private"


def parts_of(form: SubmissionFormat, plan: Reference, sheet: Sheet) -> tuple[str, ...]:
    """Return the part of each row: the cell of the usage column, or what the split gives; "Public" with neither.

    The columns that ``plan`` names must be in ``sheet``. Raises OSError where the file cannot be read again.
    """
    if plan.usage is not None:
        return sheet.column(plan.usage)
    split = plan.split
    if split is None:
        return (PUBLIC,) * len(sheet.rows)
    public = public_rows(
        sheet.column(form.id),
        key=key_of(sheet.path.read_bytes()),
        share=split.public,
        strata=None if split.stratify is None else sheet.column(split.stratify),
        groups=None if split.group is None else sheet.column(split.group),
    )
    return tuple(PUBLIC if here else PRIVATE for here in public)
