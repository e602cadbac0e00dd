"""Read one challenge folder: ``challenge.toml``, its texts, its public files. Labels are never opened here."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datathon.editions.folder_files import data_file, existing, header, inside
from datathon.editions.problems import Problem
from datathon.editions.read_board import read_board
from datathon.editions.read_program import PROGRAMS, read_limits, read_program
from datathon.editions.read_toml import NAME, Source, Table, suggest, unique
from datathon.editions.rules import (
    MAX_LENGTH,
    Challenge,
    Column,
    DataFile,
    DataSheet,
    DossierField,
    Limits,
    Metric,
    Quota,
    Reference,
    Split,
    SubmissionFormat,
    Text,
)
from datathon.editions.shipped import direction_of, params_of, refused_param, shipped_names, text_formats
from scorers.sums import BY_ROW

SAMPLE = "sample_submission.csv"
FILTERS = ("strict", "files")
COLUMN_TYPES = ("number", "integer", "string", "category")
FIELD_TYPES = ("line", "text", "url", "file")
_METRIC = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
_FORMAT = re.compile(r"[a-z0-9]{1,8}\Z")
_UNLIMITED = "unlimited"


def read_challenge(folder: Path, *, edition: str, problems: list[Problem]) -> Challenge | None:
    """Return the challenge in ``folder``, or None when its file cannot be read at all; mistakes go to ``problems``.

    With ``edition`` empty the folder stands alone and the title and texts may be missing.
    """
    source = Source(folder / "challenge.toml", problems)
    top = source.read()
    if top is None:
        return None
    if not NAME.match(folder.name) and edition:
        top.note(f"the folder name {folder.name!r} must be lower-case letters, digits, '-' or '_'")
    title, summary = _heading(top, folder, alone=not edition)
    sample = folder / SAMPLE if (folder / SAMPLE).is_file() else None
    columns = _submission(top, sample)
    dossier = _dossier(top)
    scorer, level, metrics, limits = _scoring(top, folder, scored=columns is not None)
    reference = _reference(top, folder, columns) if columns is not None else None
    if columns is None and not dossier:
        top.note("neither [submission] nor [[dossier]]: teams would have nothing to hand in")
    if columns is not None and sample is None:
        source.note(("submission",), f"no file {SAMPLE!r}: the ids that teams must predict are read from it")
    files, sheet = _data(top, folder)
    program = read_program(top, folder, files=files, sample=SAMPLE if sample else None, reference=reference)
    if program is not None and columns is None:
        top.note("program: [submission] is missing: what a program predicts has a form too", "program")
    final = top.table("final")
    selections = 2
    if final is not None:
        selections = final.integer("selections", 2, low=1, high=20)
        final.done()
    challenge = Challenge(
        id=folder.name,
        edition=edition,
        folder=folder,
        title=title,
        summary=summary,
        description=read_texts(folder, "description", problems, required=bool(edition)),
        submission=columns,
        reference=reference,
        metrics=metrics,
        scorer=scorer,
        filter=level,
        limits=limits,
        quota=_quota(top),
        final_selections=selections,
        files=files,
        sheet=sheet,
        dossier=dossier,
        baselines=_baselines(folder, (".csv", *(PROGRAMS if program is not None else ()))),
        baseline_titles=_baseline_titles(top, folder),
        sample=SAMPLE if sample is not None else None,
        program=program,
        board=read_board(top, metrics, scorer=scorer, reference=reference),
    )
    top.done()
    return challenge


def read_texts(folder: Path, stem: str, problems: list[Problem], *, required: bool) -> Text:
    """Return ``stem.<language>.md`` of ``folder`` by language; French is compulsory when ``required``."""
    texts = {}
    for path in sorted(folder.glob(f"{stem}.??.md")):
        language = path.name[len(stem) + 1 : -len(".md")]
        try:
            texts[language] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            problems.append(Problem(path, error.object[: error.start].count(b"\n") + 1, "is not UTF-8 text"))
    if required and not texts.get("fr", "").strip():
        problems.append(Problem(folder / f"{stem}.fr.md", 1, "the French text is missing"))
    return {"fr": "", **texts}


def _heading(top: Table, folder: Path, *, alone: bool) -> tuple[Text, Text]:
    default: Text = {"fr": folder.name}
    table = top.table("challenge")
    if table is None:
        if not alone:
            top.note("[challenge] is missing: title and summary expected")
        return default, {"fr": ""}
    title = table.texts("title", default if alone else None)
    summary = table.texts("summary", {"fr": ""})
    table.done()
    return title, summary


def _unlike(names: list[str], wanted: set[str]) -> str:
    """Return how the header ``names`` of the sample differs from the columns ``wanted``."""
    if any("\0" in name for name in names):
        return "is not text in UTF-8"
    mark = next((mark for mark in ";\t|" if len(names) == 1 and mark in names[0]), None)
    if mark is not None:
        return f"has columns that are separated by {mark!r}: commas expected"
    return f"has {', '.join(names[:6])}…; {min(set(names) ^ wanted)!r} is not in both"


def _submission(top: Table, sample: Path | None) -> SubmissionFormat | None:
    table = top.table("submission")
    if table is None:
        return None
    key = table.text("id", "id")
    names = list(header(sample)) if sample is not None else []
    columns: list[Column] = []
    tables = table.tables("columns")
    for item in tables:
        columns.extend(_columns(item, names, key))
    if not tables:
        table.note("columns: at least one column expected", "columns")
    seen: set[str] = {key}
    for column in columns:
        if column.name in seen:
            table.note(f"columns: {column.name!r} stands twice", "columns")
        seen.add(column.name)
    if names and not table.source.problems and set(names) != seen:
        table.note(f"columns: {SAMPLE} {_unlike(names, seen)}", "columns")
    result = SubmissionFormat(
        id=key,
        columns=tuple(columns),
        max_bytes=table.integer("max_bytes", 20_000_000, low=1, high=1_000_000_000),
        row_sum=table.maybe_number("row_sum"),
    )
    table.done()
    return result


def _columns(table: Table, names: list[str], key: str) -> list[Column]:
    """Return the columns one entry describes; a name ending in ``*`` stands for all such columns of the sample."""
    name = table.text("name")
    kind = table.choice("type", COLUMN_TYPES, "number")
    low, high = table.maybe_number("min"), table.maybe_number("max")
    if low is not None and high is not None and low > high:
        table.note(f"min {low:g} is above max {high:g}", "min")
    values = table.strings("values", ())
    if (kind == "category") != bool(values):
        table.note("values: a list expected for type 'category', and only there", "values" if values else "type")
    text = _text_options(table, kind)
    table.done()
    if not name.endswith("*"):
        return [Column(name, kind, low, high, values, **text)]
    found = [n for n in names if n.startswith(name[:-1]) and n != key]
    if not found:
        table.note(f"name: no column of {SAMPLE} starts with {name[:-1]!r}", "name")
    return [Column(n, kind, low, high, values, **text) for n in found]


def _text_options(table: Table, kind: str) -> dict[str, Any]:
    """Return what only a text column declares: longest value, whether it may be empty, how it is written."""
    if kind != "string":
        for key in ("max_length", "empty", "format"):
            if table.has(key):
                table.note(f"{key}: only for a column of type 'string'", key)
        return {}
    written = table.choice("format", text_formats(), "") if table.has("format") else ""
    pixels = None
    if written == "rle" and (table.has("width") or table.has("height")):
        pixels = table.integer("width", low=1, high=1_000_000) * table.integer("height", low=1, high=1_000_000)
    return {
        "max_length": table.integer("max_length", MAX_LENGTH, low=1, high=10_000_000),
        "empty": table.boolean("empty", default=bool(written)),
        "format": written,
        "pixels": pixels,
    }


def _reference(top: Table, folder: Path, columns: SubmissionFormat) -> Reference | None:
    table = top.table("reference")
    if table is None:
        top.note("[reference] is missing: predictions need hidden values to be compared with")
        return None
    name = table.text("file", "reference/reference.csv")
    path = existing(table, "file", folder=folder, name=name)
    public = inside(folder, "public")
    if path is not None and public is not None and path.resolve().is_relative_to(public.resolve()):
        table.note("file: the reference lies in public/, where everybody can download it", "file")
    truth = table.strings("truth", tuple(c.name for c in columns.columns))
    if not truth and columns.columns:
        table.note("truth: at least one column of the reference expected", "truth")
    usage = table.text("usage", "") or None
    split = _split(table)
    if usage is not None and split is not None:
        table.note(
            "usage and split exclude each other: the column says which rows are public, or the split does", "split"
        )
    table.done()
    if path is None:
        return None
    return Reference(path, truth, usage, split if usage or split else Split())


def _split(table: Table) -> Split | None:
    split = table.table("split")
    if split is None:
        return None
    share = split.number("public", 0.3)
    if not 0 < share < 1:
        split.note(f"public: a share between 0 and 1 expected, found {share:g}", "public")
    result = Split(share, split.text("stratify", "") or None, split.text("group", "") or None)
    split.done()
    return result


def _scoring(top: Table, folder: Path, *, scored: bool) -> tuple[str | None, str, tuple[Metric, ...], Limits]:
    table = top.table("scoring")
    if table is None:
        if scored:
            top.note('[scoring] is missing: metrics = ["mae"] or another metric expected')
        return None, FILTERS[0], (), Limits()
    scorer = table.text("scorer", "") or None
    if scorer is not None:
        existing(table, "scorer", folder=folder, name=scorer)
    level = table.choice("filter", FILTERS, FILTERS[0])
    if level != FILTERS[0] and scorer is None:
        table.note("filter: only for a scorer of your own; shipped metrics read no files", "filter")
    metrics = _metrics(table, own=scorer is not None)
    limits = read_limits(table, Limits())
    table.done()
    return scorer, level, metrics, limits


def _metrics(table: Table, *, own: bool) -> tuple[Metric, ...]:
    listed = table.data.get("metrics")
    if not isinstance(listed, list) or not listed:
        table.note(
            "scoring.metrics: a list with at least one metric expected", "metrics" if table.has("metrics") else None
        )
        return ()
    table.has("metrics")
    found = []
    for index, item in enumerate(listed):
        entry = Table(table.source, (*table.path, "metrics", index), {"name": item} if isinstance(item, str) else {})
        if isinstance(item, Mapping):
            entry.data = item
        elif not isinstance(item, str):
            entry.note("a metric's name or { name = …, … } expected")
            continue
        found.append(_metric(entry, own=own))
    unique(((table, m.name) for m in found), "metrics")
    return tuple(found)


def _metric(entry: Table, *, own: bool) -> Metric:
    name = entry.text("name")
    shipped = entry.text("metric", "")
    if name and not _METRIC.match(name):
        entry.note(f"{name!r} is not a metric's name: lower-case letters, digits and '_' expected", "name")
    decimals = entry.integer("decimals", 6, low=0, high=12)
    params = {k: v for k, v in entry.data.items() if k not in {"name", "metric", "direction", "decimals"}}
    if own:
        if shipped:
            entry.note("metric: the values of scorer.py have their own names", "metric")
        if "losses" in params and params["losses"] not in BY_ROW:
            entry.note(f"losses: one of {', '.join(sorted(BY_ROW))} expected, found {params['losses']!r}", "losses")
        if not entry.has("direction"):
            entry.note(f'direction is missing: say whether "lower" or "higher" {name} is better')
            return Metric(name, None, decimals, params)
        return Metric(name, entry.choice("direction", ("lower", "higher")), decimals, params)
    _check_shipped(entry, shipped or name, params)
    direction = entry.choice("direction", ("lower", "higher")) if entry.has("direction") else None
    return Metric(name, direction, decimals, params, shipped)


def _check_shipped(entry: Table, function: str, params: Mapping[str, object]) -> None:
    key = "metric" if entry.has("metric") else "name"
    declared = direction_of(function)
    if declared is None:
        if function:
            entry.note(f"no shipped metric {function!r}{suggest(function, shipped_names())}", key)
        return
    if entry.data.get("direction", declared) != declared:
        entry.note(f"direction: {declared} is better for {function}", "direction")
    refused = refused_param(function, params)
    if refused is not None:
        name, why = refused
        guess = "" if name in params_of(function) else suggest(name, params_of(function))
        entry.note(f"{name}: {why}{guess}", name if name in params else key)


def _quota(top: Table) -> Quota:
    table = top.table("quota")
    if table is None:
        return Quota()
    quota = Quota(_count(table, "per_day", Quota().per_day), _count(table, "total", Quota().total))
    table.done()
    return quota


def _count(table: Table, key: str, default: int | None) -> int | None:
    if not table.has(key):
        return default
    if table.data[key] == _UNLIMITED:
        return None
    if isinstance(table.data[key], str):
        table.note(f'quota.{key}: a whole number or "{_UNLIMITED}" expected', key)
        return default
    return table.integer(key, low=1, high=10_000)


def _data(top: Table, folder: Path) -> tuple[tuple[DataFile, ...], DataSheet | None]:
    public = folder / "public"
    table = top.table("data")
    entries = table.tables("files") if table is not None else []
    files = []
    for entry in entries:
        name = entry.text("name")
        about = entry.texts("about", {"fr": ""})
        entry.done()
        path = existing(entry, "name", folder=public, name=name) if name else None
        if path is not None and path.parent != public:
            entry.note(f"name: {name!r} must lie directly in public/", "name")
        elif path is not None:
            files.append(data_file(path, about))
    unique(((e, str(e.data.get("name", ""))) for e in entries), "name")
    if not entries and public.is_dir():
        found = (p for p in public.iterdir() if p.is_file() and inside(public, p.name) and not p.name.startswith("."))
        files = [data_file(path, {"fr": ""}) for path in sorted(found)]
    return tuple(files), _sheet(table)


def _sheet(table: Table | None) -> DataSheet | None:
    if table is None:
        return None
    if not set(table.data) - {"files"}:
        table.done()
        return None
    sheet = DataSheet(
        producer=table.text("producer"),
        vintage=table.text("vintage", ""),
        licence=table.text("licence"),
        licence_url=table.text("licence_url", ""),
        attribution=table.texts("attribution"),
        personal_data=table.texts("personal_data"),
        source_url=table.text("source_url", ""),
        limits=table.texts("limits", {"fr": ""}),
    )
    for key in ("licence_url", "source_url"):
        value = table.data.get(key, "")
        if value and not str(value).startswith(("https://", "http://")):
            table.note(f"data.{key}: an address starting with https:// expected", key)
    table.done()
    return sheet


def _baselines(folder: Path, suffixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(p.name for p in (folder / "baselines").glob("*") if p.suffix in suffixes))


def _baseline_titles(top: Table, folder: Path) -> dict[str, Text]:
    entries = top.tables("baselines")
    titles = {}
    for entry in entries:
        name = entry.text("file")
        titles[name] = entry.texts("title")
        if name:
            existing(entry, "file", folder=folder / "baselines", name=name)
        entry.done()
    unique(((e, str(e.data.get("file", ""))) for e in entries), "file")
    return titles


def _dossier(top: Table) -> tuple[DossierField, ...]:
    entries = top.tables("dossier")
    fields = tuple(_dossier_field(entry) for entry in entries)
    unique(zip(entries, (f.id for f in fields), strict=True), "id")
    return fields


def _dossier_field(entry: Table) -> DossierField:
    kind = entry.choice("type", FIELD_TYPES)
    formats = entry.strings("formats", ())
    for index, name in enumerate(formats):
        if not _FORMAT.match(name):
            entry.source.note((*entry.path, "formats", index), f'formats: {name!r} must be a suffix such as "pdf"')
    if formats and kind != "file":
        entry.note("formats: only for a field of type 'file'", "formats")
    if kind == "file" and not formats:
        entry.note('formats is missing: a file field says which suffixes it takes, such as ["png", "pdf"]')
    embed = entry.boolean("embed", default=False)
    if embed and kind != "url":
        entry.note("embed: only for a field of type 'url'", "embed")
    result = DossierField(
        id=entry.name("id"),
        type=kind,
        title=entry.texts("title"),
        help=entry.texts("help", {"fr": ""}),
        required=entry.boolean("required", default=True),
        max_length=entry.integer("max_length", 2000, low=1, high=100_000),
        max_bytes=entry.integer("max_bytes", 10_000_000, low=1, high=1_000_000_000),
        formats=formats,
        embed=embed,
    )
    entry.done()
    return result
