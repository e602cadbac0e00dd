"""Check that an edition's calendar lets people do what the edition asks of them."""

from datathon.editions.check_report import Notebook
from datathon.editions.rules import Edition, Phase, PhaseKind


def check_calendar(edition: Edition, notes: Notebook) -> None:
    """Note missing phases, phases outside the edition's days, and a jury that starts before the dossiers are in."""
    since = len(notes.findings)
    file = edition.folder / "edition.toml"
    kinds = {phase.kind for phase in edition.phases}
    needed = {
        PhaseKind.REGISTRATION: "nobody could register",
        PhaseKind.SUBMISSIONS: "a challenge takes predictions"
        if any(c.takes_predictions for c in edition.challenges)
        else "",
        PhaseKind.PROTOTYPES: "a challenge takes dossiers"
        if any(c.takes_prototypes for c in edition.challenges)
        else "",
        PhaseKind.JURY: "there is a jury" if edition.rubric is not None else "",
        PhaseKind.ANNOUNCEMENT: "there is a ranking to announce" if edition.ranking is not None else "",
    }
    for kind, why in needed.items():
        if why and kind not in kinds:
            notes.error(file, f"no phase of kind {kind.value!r}: {why}")
    for phase in edition.phases:
        last = phase.opens.day if phase.closes is None else phase.closes.day
        if last >= edition.days:
            notes.warning(file, f"phase {phase.id!r} goes on after the last day, {edition.days - 1}")
    for jury in _of(edition, PhaseKind.JURY):
        for dossiers in _of(edition, PhaseKind.PROTOTYPES):
            late = dossiers.closes is None or (jury.closes is not None and dossiers.closes.day > jury.closes.day)
            if late:
                notes.warning(file, f"dossiers of {dossiers.id!r} may come in after the jury of {jury.id!r} is over")
    notes.ran("calendar", since)


def _of(edition: Edition, kind: PhaseKind) -> list[Phase]:
    return [phase for phase in edition.phases if phase.kind is kind]
