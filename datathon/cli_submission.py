"""``datathon submission log``: what every stage of a submission's attempts said, labels and all."""

import json
from uuid import UUID

import typer

from datathon.config import Settings
from datathon.kernel.clock import utcnow
from datathon.scoring.traces import Trace, operators_traces
from datathon.store.db import make_engine, transaction

DONE, WRONG_USAGE = 0, 2


def log(settings: Settings, submission: str, *, as_json: bool) -> int:
    """Print the private log of ``submission``, an id; 2 when it is none. NotFound goes to the caller."""
    try:
        key = UUID(submission)
    except ValueError:
        typer.echo(f"datathon: {submission!r} is not the id of a submission", err=True)
        return WRONG_USAGE
    engine = make_engine(settings.sqlalchemy_url)
    with transaction(engine) as db:
        traces = operators_traces(db, key, now=utcnow())
    engine.dispose()
    if as_json:
        typer.echo(json.dumps({"submission": str(key), "entries": [_object(trace) for trace in traces]}))
        return DONE
    for trace in traces:
        typer.echo(f"attempt {trace.attempt}, {trace.stage}, {trace.code or '-'}, {trace.at.isoformat()}")
        typer.echo("".join(f"  {line}\n" for line in trace.text.splitlines()), nl=False)
    if not traces:
        typer.echo("nothing was logged for this submission")
    return DONE


def _object(trace: Trace) -> dict[str, object]:
    return {
        "attempt": trace.attempt,
        "stage": trace.stage,
        "code": trace.code,
        "at": trace.at.isoformat(),
        "text": trace.text,
    }
