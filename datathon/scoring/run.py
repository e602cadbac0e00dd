"""One file through the sandbox: PARSE without labels, SCORE without the file, and what came out."""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from datathon.editions.contract import column_form
from datathon.editions.metric_needs import unmet
from datathon.editions.rules import Challenge, Column, Metric, Reference, SubmissionFormat
from datathon.scoring import losses, outcome
from datathon.scoring.basis import basis_of
from datathon.scoring.outcome import Bounds, ScoringOutcome
from datathon.scoring.predict import run_program
from datathon.scoring.problem import Problem
from datathon.scoring.reference import Prepared, ReferenceFault, paired, prepare
from datathon.scoring.sandbox import memory
from datathon.scoring.sandbox.client import ScorerClient, StageEnd
from datathon.scoring.stages import CONFIGURATION, PARSE, PREDICT, SCORE
from scorers import blob, catalogue, sums

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Job:
    """One attempt on its way: what every outcome of it carries."""

    challenge: Challenge
    form: SubmissionFormat
    started: float
    submission: str
    prepared: Prepared
    source: bytes | None


def score_file(challenge: Challenge, file: BinaryIO | int, *, scorer: ScorerClient) -> ScoringOutcome:
    """Score ``file`` (a binary file or a readable descriptor, read from its present position) for ``challenge``.

    Where the challenge asks for a program, ``file`` is one: it predicts first, in a child of its own.
    The bytes are copied and hashed in one pass, so that the digest is of exactly what was scored. Raises
    ScorerUnavailable when the service cannot be reached or refuses: nothing is known about the file then.
    """
    started = time.monotonic()
    form = challenge.submission
    if form is None:
        return ScoringOutcome(
            outcome.FAILED, "scorer_error", logs={CONFIGURATION: f"{challenge.id} takes no prediction files"}
        )
    with contextlib.ExitStack() as stack:
        most = challenge.upload_bytes
        data, digest, size = _copy(file, most)
        stack.callback(os.close, data)
        if size > most:
            problem = Problem("too_large", found=str(size), expected="max_bytes", params={"bytes": most})
            return ScoringOutcome(outcome.REJECTED, "too_large", (problem,), submission=digest)
        try:
            prepared = prepare(challenge)
            source = None if challenge.scorer is None else (challenge.folder / challenge.scorer).read_bytes()
        except (ReferenceFault, OSError) as error:
            return ScoringOutcome(outcome.FAILED, "scorer_error", submission=digest, logs={CONFIGURATION: str(error)})
        job = _Job(challenge, form, started, digest, prepared, source)
        fault = _configuration_fault(challenge)
        if fault is not None:
            return _failed(job, "scorer_error", {}, fault)
        return _stages(job, data, scorer, stack)


def _stages(job: _Job, data: int, scorer: ScorerClient, stack: contextlib.ExitStack) -> ScoringOutcome:
    def keep(descriptor: int) -> int:
        stack.callback(os.close, descriptor)
        return descriptor

    columns = [column_form(c) for c in job.form.columns]
    names = [job.form.id, *(c.name for c in job.form.columns)]
    extra = {} if job.source is None else {"source": keep(memory.sealed("scorer", job.source))}
    form = keep(memory.sealed("form", json.dumps(_form(job, columns)).encode()))
    ids = keep(memory.sealed("ids", job.prepared.ids))
    arrays = keep(memory.sized("arrays", blob.layout(columns, job.prepared.rows, job.form.max_bytes)[1]))
    how: Any = {"limits": job.challenge.limits, "full": job.source is not None, "filter_level": job.challenge.filter}

    ends: dict[str, StageEnd] = {}
    if job.challenge.program is not None:
        predicted = _predict(job, data, scorer, ends)
        if not isinstance(predicted, bytes):
            return predicted
        data = keep(memory.sealed("predictions", predicted))
    given = {"form": form, "file": data, "ids": ids, "out": arrays, **extra}
    ends[PARSE] = scorer.run(PARSE, descriptors=given, **how)
    if ends[PARSE].end != "done":
        return _failed(job, outcome.failure_code(ends[PARSE].end), ends)
    try:
        problems = outcome.read_parse(ends[PARSE].reply, rows=job.prepared.rows, columns=names)
    except outcome.Untrusted as error:
        return _failed(job, "scorer_error", ends, str(error))
    if problems:
        return _ended(job, ends, outcome.REJECTED, problems[0].code, problems=problems)

    # The writer is dead and reaped: from here on the arrays cannot change.
    memory.seal(arrays)
    labels = keep(memory.sealed("labels", job.prepared.labels))
    given = {"form": form, "arrays": arrays, "labels": labels, "ids": ids, **extra}
    made_by = losses.made_by(job.challenge)
    if made_by:
        given["losses"] = keep(memory.sized("losses", 8 * sums.WIDTHS[made_by] * job.prepared.rows))
    ends[SCORE] = scorer.run(SCORE, descriptors=given, **how)
    if ends[SCORE].end != "done":
        return _failed(job, outcome.failure_code(ends[SCORE].end), ends)
    ended = _judged(job, ends, names)
    return _with_losses(job, ended, ends, made_by, given["losses"]) if made_by and ended.values else ended


def _with_losses(
    job: _Job, ended: ScoringOutcome, ends: dict[str, StageEnd], made_by: str, descriptor: int
) -> ScoringOutcome:
    """Return the scored outcome with what its rows bring; a failure where losses do not make its value."""
    memory.seal(descriptor)  # its writer is dead and reaped, as before
    ranking = job.challenge.metrics[0].name
    made = {part: values[ranking] for part, values in ended.values.items() if values}
    try:
        raw = os.pread(descriptor, 8 * sums.WIDTHS[made_by] * job.prepared.rows + 1, 0)
        return replace(ended, losses=losses.believed(raw, parts=job.prepared.where, made_by=made_by, values=made))
    except outcome.Untrusted as error:
        if made_by not in sums.BY_ROW | sums.BY_GROUP.keys():
            # Sums lose more to rounding than the value does: it stands, its board says that it cannot tell how surely.
            return ended
        return _failed(job, "scorer_error", ends, str(error))


def _predict(job: _Job, data: int, scorer: ScorerClient, ends: dict[str, StageEnd]) -> bytes | ScoringOutcome:
    """Return what the team's program predicts, as the bytes of a file; how it ended otherwise."""
    try:
        ended = run_program(job.challenge, data, seed=_seed(job), scorer=scorer)
    except OSError as error:
        return _failed(job, "scorer_error", ends, f"the inputs of the program cannot be read: {error}")
    ends[PREDICT] = ended.end
    if ended.problems:
        logs = {PREDICT: f"{ended.end.end}\n{ended.end.log}".rstrip()}
        return _ended(job, ends, outcome.REJECTED, ended.problems[0].code, problems=ended.problems, logs=logs)
    if ended.predictions is None:
        return _failed(job, outcome.failure_code(ended.end.end), ends)
    return ended.predictions


def _judged(job: _Job, ends: dict[str, StageEnd], names: list[str]) -> ScoringOutcome:
    try:
        column = outcome.tampered(ends[SCORE].reply, names)
        if column is not None:
            return _ended(job, ends, outcome.REJECTED, "format", problems=(Problem("format", column=column),))
        bounds = [_bounds(m, custom=job.source is not None) for m in job.challenge.metrics]
        values = outcome.read_score(ends[SCORE].reply, metrics=bounds, parts=job.prepared.parts)
    except outcome.Untrusted as error:
        return _failed(job, "scorer_error", ends, str(error))
    if values is None:
        return _failed(job, "no_score", ends)
    return _ended(job, ends, outcome.SCORED, None, values=values)


def _failed(job: _Job, code: str, ends: Mapping[str, StageEnd], detail: str = "") -> ScoringOutcome:
    logs = {stage: f"{e.end}\n{e.log}".rstrip() for stage, e in ends.items()}
    if detail:
        # Said of the last stage's reply: what SCORE replies may hold values, so that it stays with SCORE's log.
        last = list(logs)[-1] if logs else CONFIGURATION
        logs[last] = f"{detail}\n{logs.get(last, '')}".rstrip()
    return _ended(job, ends, outcome.FAILED, code, logs=logs)


def _ended(job: _Job, ends: Mapping[str, StageEnd], how: str, code: str | None, **more: Any) -> ScoringOutcome:
    last = list(ends.values())[-1] if ends else None
    timings = {stage: e.wall_ms for stage, e in ends.items()}
    timings["total"] = round((time.monotonic() - job.started) * 1000, 3)
    libraries = dict(last.environment) if last else {}
    return ScoringOutcome(
        how,
        code,
        scorer=_scorer(job, last),
        reference=job.prepared.digest,
        submission=job.submission,
        environment=_digest(json.dumps(libraries, sort_keys=True).encode()) if libraries else "",
        libraries=libraries,
        timings_ms=timings,
        resources={
            "cpu_s": round(sum(e.cpu_s for e in ends.values()), 6),
            "max_rss_bytes": max((e.max_rss_bytes for e in ends.values()), default=0),
        },
        sandbox=last.level if last else "",
        basis=basis_of(job.challenge, job.prepared, job.source).digest,
        **more,
    )


def _scorer(job: _Job, last: StageEnd | None) -> dict[str, str]:
    """Return name, version and digest of what computed the values, custom source or shipped metrics."""
    if job.source is not None:
        digest = _digest(job.source)
        return {"name": job.challenge.scorer or "", "version": digest.removeprefix("sha256:")[:12], "digest": digest}
    names = [m.function for m in job.challenge.metrics]
    declaration = catalogue.declared(names[0]) if names else None
    digests = {} if last is None else last.digests
    used = {digests.get(name, "") for name in names}
    digest = used.pop() if len(used) == 1 else _digest("".join(f"{n}={digests.get(n)}\n" for n in names).encode())
    return {"name": names[0] if names else "", "version": declaration.version if declaration else "", "digest": digest}


def _bounds(metric: Metric, *, custom: bool) -> Bounds:
    declaration = None if custom else catalogue.declared(metric.function)
    return Bounds(metric.name) if declaration is None else Bounds(metric.name, declaration.low, declaration.high)


def _configuration_fault(challenge: Challenge) -> str | None:
    """Return what the challenge asks for that cannot be scored, or None; ``datathon check`` says it earlier."""
    if not challenge.metrics:
        return f"{challenge.id}: no metric"
    if challenge.scorer is not None or challenge.submission is None or challenge.reference is None:
        return None
    faults = (_metric_fault(challenge.submission, challenge.reference, metric) for metric in challenge.metrics)
    return next(filter(None, faults), None)


def _metric_fault(form: SubmissionFormat, reference: Reference, metric: Metric) -> str | None:
    """Return why ``metric`` cannot be computed from these columns, or None."""
    declaration = catalogue.declared(metric.function)
    if declaration is None:
        return f"unknown metric {metric.function}"
    refused = declaration.refused(metric.params)
    if refused is not None:
        return f"{metric.name}: {refused[0]}: {refused[1]}"
    pairs = paired(form, reference)
    unpaired = set(reference.truth) - set(pairs)
    if unpaired and not ((declaration.spread or declaration.whole) and len(reference.truth) == 1):
        return f"{metric.name}: the truth column {min(unpaired)} has no submitted column of its name"
    lack = unmet(form, reference, metric, declaration)
    if lack is not None:
        return lack
    return _columns_fault(form.columns if declaration.whole else tuple(pairs.values()), form, metric, declaration)


def _columns_fault(
    columns: Sequence[Column], form: SubmissionFormat, metric: Metric, declaration: catalogue.Declaration
) -> str | None:
    unknown = declaration.unmatched(metric.params, [c.name for c in form.columns])
    if unknown is not None:
        return f"{metric.name}: {unknown[0]}: there is no submitted column {unknown[1]}"
    for column in columns:
        if column.type not in declaration.kinds:
            return f"{metric.name}: column {column.name} must be of type {' or '.join(declaration.kinds)}"
        if declaration.written not in {"", column.format}:
            return f"{metric.name}: column {column.name} must have format {declaration.written!r}"
    return None


def _form(job: _Job, columns: list[dict[str, Any]]) -> Mapping[str, Any]:
    """Return what both stages are told about the challenge; none of it is secret."""
    reference = job.challenge.reference
    truth = () if reference is None else reference.truth
    pairs = {} if reference is None else paired(job.form, reference)
    return {
        "id": job.form.id,
        "columns": columns,
        "rows": job.prepared.rows,
        "max_bytes": job.form.max_bytes,
        "row_sum": job.form.row_sum,
        "seed": _seed(job),
        "metrics": [{"name": m.function, "params": dict(m.params)} for m in job.challenge.metrics],
        "truth": list(truth),
        "paired": [pairs[name].name for name in truth if name in pairs],
    }


def _seed(job: _Job) -> int:
    return int(job.submission.removeprefix("sha256:")[:16], 16)


def _copy(file: BinaryIO | int, most: int) -> tuple[int, str, int]:
    """Copy ``file`` into sealed memory; return descriptor, digest and size (of the whole, the copy stops at ``most``)."""
    whole = hashlib.sha256()
    size = 0
    kept = bytearray()
    for chunk in _chunks(file):
        whole.update(chunk)
        size += len(chunk)
        if size <= most:
            kept += chunk
    return memory.sealed("submission", bytes(kept)), "sha256:" + whole.hexdigest(), size


def _chunks(file: BinaryIO | int) -> Iterator[bytes]:
    while True:
        chunk = os.read(file, _CHUNK_BYTES) if isinstance(file, int) else file.read(_CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
