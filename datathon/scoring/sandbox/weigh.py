"""How much memory a child has for itself: pages that it does not share with the process it was forked from.

``Weigher`` is a client whose children weigh themselves, once sealed and once done. A child can open nothing then, so
that it opens the kernel's account of its own memory before the seal, and only when it was asked to.

    weigher = Weigher(client.socket_path)
    score_file(challenge, file, scorer=weigher)
    weigher.weights          # one Weight for PARSE, one for SCORE
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from datathon.editions.rules import Limits
from datathon.scoring.sandbox.client import ScorerClient, StageEnd

IDLE_BYTES, DONE_BYTES = 4 << 20, 32 << 20
"""What a child may have for itself before it reads anything, and after a job of 100,000 rows."""
_SAID = re.compile(r"^private bytes: (\d+) idle, (\d+) done$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Weight:
    """Private bytes of one child: ``idle`` when just sealed, ``done`` at the end of its work."""

    stage: str
    idle: int
    done: int


@dataclass(frozen=True, slots=True)
class Weigher(ScorerClient):
    """A client that has every child weigh itself; ``weights`` grows with each stage that came to its end."""

    weights: list[Weight] = field(default_factory=list, kw_only=True)

    def run(self, stage: str, *, limits: Limits, descriptors: Mapping[str, int], full: bool,
            filter_level: str = "strict", weigh: bool = True) -> StageEnd:  # fmt: skip
        """Run one stage as ``ScorerClient.run`` does, and keep what its child weighed."""
        end = ScorerClient.run(
            self, stage, limits=limits, descriptors=descriptors, full=full, filter_level=filter_level, weigh=weigh
        )
        said = _SAID.search(end.log)
        if said is not None:
            self.weights.append(Weight(stage, int(said[1]), int(said[2])))
        return end
