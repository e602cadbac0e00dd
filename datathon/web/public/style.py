"""The style page: every component in every state, for those who set an edition's colours or write pages."""

from dataclasses import dataclass

from flask import render_template

from datathon.web.guards import anyone, guarded
from datathon.web.public.certainty import Certainty
from datathon.web.public.door import blueprint


@dataclass(frozen=True, slots=True)
class Example:
    """A made-up line of a board."""

    rank: int
    team: str
    score: float
    interval: tuple[int, int]
    own: bool = False


ROWS = (
    Example(1, "Cap Cotentin", 0.3712, (1, 2)),
    Example(2, "Les Sondeurs de la baie du Mont et des îles Chausey, équipe des deux rives", 0.3486, (1, 3)),
    Example(3, "Marée haute", 0.3391, (2, 3), own=True),
)
# The first two cannot be told apart, nor the last two; the first and the last can.
CERTAINTY = Certainty(
    "ready", "", places=3, draws=2000, rows=252, indicative=False, brackets={0: (2,), 1: (2,)}, lanes=2, together=2
)


@blueprint.get("/style")
@guarded(anyone)
def style() -> str:
    """Show the components in the scheme of the reader, then in the colours of another edition."""
    return render_template("public/style.html", rows=ROWS, certainty=CERTAINTY)
