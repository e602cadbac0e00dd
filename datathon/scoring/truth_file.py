"""The truth as a team would hand it in: the reference's own values in the form of a submission."""

import csv
import io

from datathon.editions.rules import Challenge
from datathon.scoring.reference import FIELD_CHARACTERS, paired
from scorers.written import as_submitted


def truth_file(challenge: Challenge) -> bytes | None:
    """Return the hidden reference as a submission, or None where no submission can equal it.

    Secret: it goes to the sandbox and nowhere else. Raises OSError, and ValueError for a reference that is no table.
    """
    form, reference = challenge.submission, challenge.reference
    if form is None or reference is None:
        return None
    pairs = {column.name: truth for truth, column in paired(form, reference).items()}
    if set(pairs) != {column.name for column in form.columns} or len(pairs) != len(reference.truth):
        return None
    if any(metric.params.get("graded") for metric in challenge.metrics):
        return None  # true ids are written with their grades, submitted ones without
    csv.field_size_limit(FIELD_CHARACTERS)
    with reference.file.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        if not {form.id, *pairs.values()} <= set(rows.fieldnames or ()):
            return None
        written = io.StringIO()
        out = csv.writer(written, lineterminator="\n")
        out.writerow([form.id, *(column.name for column in form.columns)])
        out.writerows(
            [row[form.id], *(as_submitted(row[pairs[c.name]], c.format) for c in form.columns)] for row in rows
        )
    return written.getvalue().encode()
