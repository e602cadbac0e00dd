"""``datathon bench``: every benchmark beside its floor, measured in the same run."""

import json
import sys
from collections.abc import Callable
from typing import Any

from datathon.bench import (
    bootstrap,
    cold,
    crowd,
    jury_saves,
    lasting,
    memory,
    pages,
    ranking,
    scoring,
    standings,
    throughput,
    visible,
)

GROUPS: tuple[tuple[tuple[str, ...], Callable[[], dict[str, Any]]], ...] = (
    (scoring.NAMES, scoring.run),
    (lasting.NAMES, lasting.run),
    (memory.NAMES, memory.run),
    (cold.NAMES, cold.run),
    (visible.NAMES, visible.run),
    (throughput.NAMES, throughput.run),
    (standings.NAMES, standings.run),
    (pages.NAMES, pages.run),
    (crowd.NAMES, crowd.run),
    (ranking.NAMES, ranking.run),
    (jury_saves.NAMES, jury_saves.run),
    (bootstrap.NAMES, bootstrap.run),
)
BY_NAME: tuple[tuple[tuple[str, ...], Callable[[], dict[str, Any]]], ...] = ((bootstrap.LONG, bootstrap.run_long),)
"""Long ones, run only when they are named."""


def run(names: tuple[str, ...], *, as_json: bool) -> int:
    """Run the named benchmarks (none: all but the long ones) and print ratios; return 0, or 2 for a name that does not exist."""
    known = [name for group, _ in (*GROUPS, *BY_NAME) for name in group]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)  # noqa: T201
        return 2
    wanted = set(names or (name for group, _ in GROUPS for name in group))
    result: dict[str, Any] = {}
    for group, measure in (*GROUPS, *BY_NAME):
        if wanted & set(group):
            print(f"measuring {', '.join(group)} …", file=sys.stderr)  # noqa: T201 - progress beside the answer
            result |= {name: row for name, row in measure().items() if name in wanted}
    print(json.dumps(result, indent=2) if as_json else table(result))  # noqa: T201 - the command's answer
    return 0


def table(result: dict[str, Any]) -> str:
    """Return the figures as text for a terminal; the ratio is what counts."""
    lines = [f"{'benchmark':24}{'ratio':>8}{'aim':>8}{'best':>12}{'floor':>12}"]
    for name, row in result.items():
        if row["ratio"] is None:
            lines.append(f"{name:24}  {row['note']}")
            continue
        aim = "" if row["aim"] is None else f"{row['aim']:.2f}"
        unit = "mb" if "best_mb" in row else "ms"
        figures = [f"{row[f'{which}_{unit}']:.1f} {unit.replace('mb', 'MB')}" for which in ("best", "floor")]
        lines.append(f"{name:24}{row['ratio']:>8.3f}{aim:>8}{figures[0]:>12}{figures[1]:>12}")
    return "\n".join(lines)
