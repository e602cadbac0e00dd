"""Prediction files of the demonstration, made from public data alone: real files, so that the scores are real.

A *recipe* is a table of ``story.toml``: ``how`` names the method, the other keys are its parameters. The same recipe
gives the same bytes. No hidden reference is opened here: only ``public/`` and the sample of the challenge.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

Floats = npt.NDArray[np.float64]
Rows = list[dict[str, str]]
Recipe = Mapping[str, Any]

FINISHING = frozenset({"noise", "seed", "broken"})
"""Keys of a recipe that change the finished table, not the method."""


def prediction_file(folder: Path, recipe: Recipe) -> bytes:
    """Return the bytes of the CSV that ``recipe`` gives for the challenge in ``folder``.

    ``how``: see METHODS. ``noise`` (default 0) adds normal noise of that standard deviation, in units of the spread of
    the predictions, drawn with ``seed``. ``broken``, one kind of damage or a list, spoils the finished file, to show a refusal. Raises ValueError for an
    unknown method or damage.
    """
    if recipe["how"] not in METHODS:
        raise ValueError(f"no method {recipe['how']!r}; known: {', '.join(METHODS)}")
    header, ids = _sample(folder)
    values = _values(folder, json.dumps({k: v for k, v in recipe.items() if k not in FINISHING}, sort_keys=True))
    noise = float(recipe.get("noise", 0))
    if noise:
        rng = np.random.default_rng(int(recipe.get("seed", 0)))
        values = values + noise * values.std() * rng.standard_normal(values.shape)
    lines = [header, *([i, *(f"{v:.5g}" for v in row)] for i, row in zip(ids, values, strict=True))]
    damages = recipe.get("broken", [])
    for damage in [damages] if isinstance(damages, str) else damages:
        lines = _spoil(lines, damage)
    return _bytes(lines)


@lru_cache(maxsize=32)
def _values(folder: Path, recipe: str) -> Floats:
    """Return what the method gives before noise and damage: several files of the story share it."""
    parameters = json.loads(recipe)
    return METHODS[parameters["how"]](folder, parameters)


def _bytes(lines: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def _spoil(lines: list[list[str]], damage: str) -> list[list[str]]:
    """Return the lines of a finished file with one kind of fault in them; the header is line 0."""
    middle = len(lines) // 3
    if damage == "missing column":
        return [line[:-1] for line in lines]
    if damage == "decimal comma":
        lines[middle] = [lines[middle][0], *(value.replace(".", ",") for value in lines[middle][1:])]
    elif damage == "duplicate id":
        lines[2 * middle][0] = lines[1][0]
    elif damage == "missing rows":
        del lines[middle : middle + 40]
    elif damage == "text":
        lines[middle][-1] = "inconnu"
    else:
        raise ValueError(f"no damage {damage!r}")
    return lines


def _sample(folder: Path) -> tuple[list[str], list[str]]:
    with (folder / "sample_submission.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, [row[0] for row in rows]


@lru_cache(maxsize=8)
def _table(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _numbers(rows: Rows, *names: str) -> Floats:
    """Return the columns ``names`` as floats, shape (rows, len(names)); an empty cell is nan."""
    return np.array([[float(row[name] or "nan") for name in names] for row in rows], dtype=np.float64)


# From job titles to sectors: 629 titles, 72 sectors, higher means more likely.


def _frequency(folder: Path, _recipe: Recipe) -> Floats:
    """Share of training jobs in each sector, the same for every title."""
    _titles, labels, asked = _jobs(folder)
    return np.tile(labels.mean(axis=0), (len(asked), 1))


def _words(folder: Path, recipe: Recipe) -> Floats:
    """Labels of the nearest training titles by words."""
    return _nearest(folder, recipe, TfidfVectorizer(sublinear_tf=True))


def _letters(folder: Path, recipe: Recipe) -> Floats:
    """Labels of the nearest training titles by runs of letters."""
    span = (int(recipe.get("low", 2)), int(recipe.get("high", 5)))
    return _nearest(folder, recipe, TfidfVectorizer(analyzer="char_wb", ngram_range=span, sublinear_tf=True))


def _ridge(folder: Path, recipe: Recipe) -> Floats:
    """Ridge regression of every sector on runs of letters.

    In its dual form: with fewer titles than runs of letters, one system of the size of the titles gives all sectors.
    """
    span = (int(recipe.get("low", 3)), int(recipe.get("high", 5)))
    titles, labels, asked = _jobs(folder)
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=span, sublinear_tf=True)
    known = vectors.fit_transform(titles)
    among, between = (known @ known.T).toarray(), (vectors.transform(asked) @ known.T).toarray()
    middle, mean = among.mean(axis=0), labels.mean(axis=0)
    # Both kernels between centred titles, so that the intercept is not penalised.
    between = between - between.mean(axis=1, keepdims=True) - middle + middle.mean()
    among = among - middle - middle[:, None] + middle.mean()
    penalty = float(recipe.get("alpha", 1.0)) * np.eye(len(titles))
    found: Floats = between @ np.linalg.solve(among + penalty, labels - mean) + mean
    return found


def _blend(folder: Path, recipe: Recipe) -> Floats:
    """Weighted sum of other recipes: ``parts = [{ how = …, share = 0.5 }, …]``."""
    shares = np.array([float(part.get("share", 1)) for part in recipe["parts"]])
    found: Floats = np.tensordot(shares, np.stack([METHODS[part["how"]](folder, part) for part in recipe["parts"]]), 1)
    return found


def _nearest(folder: Path, recipe: Recipe, vectors: TfidfVectorizer) -> Floats:
    """Mean labels of the ``k`` nearest titles by cosine, each weighted by its cosine, plus ``prior`` times the frequencies."""
    titles, labels, asked = _jobs(folder)
    known = vectors.fit_transform(titles)
    near = (vectors.transform(asked) @ known.T).toarray()
    k = min(int(recipe.get("k", 5)), near.shape[1])
    floor = np.partition(near, -k, axis=1)[:, -k][:, None]
    weight = np.where(near >= floor, near, 0.0)
    scale = np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    found: Floats = weight @ labels / scale + float(recipe.get("prior", 0.1)) * labels.mean(axis=0)
    return found


def _jobs(folder: Path) -> tuple[list[str], Floats, list[str]]:
    """Return the training titles, their labels (titles, sectors), and the titles asked about."""
    header, _ids = _sample(folder)
    known, asked = _table(folder / "public" / "train.csv"), _table(folder / "public" / "test.csv")
    return [row["title"] for row in known], _numbers(known, *header[1:]), [row["title"] for row in asked]


# Population growth: percent a year, one column.


def _constant(folder: Path, recipe: Recipe) -> Floats:
    """The same ``value`` for every row."""
    header, ids = _sample(folder)
    return np.full((len(ids), len(header) - 1), float(recipe["value"]))


def _trend(folder: Path, recipe: Recipe) -> Floats:
    """Growth of the years 2019-2021, times ``shrink``."""
    rows = _table(folder / "public" / "test.csv")
    return float(recipe.get("shrink", 0.5)) * _past(rows)[:, :1]


def _regression(folder: Path, recipe: Recipe) -> Floats:
    """Ridge regression on past growth, ages and housing."""
    known, asked = _growth_tables(folder)
    mean, spread = known.mean(axis=0), known.std(axis=0)
    model = Ridge(alpha=float(recipe.get("alpha", 10.0)))
    model.fit((known - mean) / spread, _grown(folder))
    found: Floats = model.predict((asked - mean) / spread)[:, None]
    return found


def _trees(folder: Path, recipe: Recipe) -> Floats:
    """Boosted trees on past growth, ages and housing, fitted to the absolute error."""
    known, asked = _growth_tables(folder)
    model = HistGradientBoostingRegressor(
        loss="absolute_error",
        max_iter=int(recipe.get("rounds", 60)),
        learning_rate=float(recipe.get("rate", 0.08)),
        max_leaf_nodes=int(recipe.get("leaves", 12)),
        min_samples_leaf=40,
        random_state=0,
    )
    found: Floats = model.fit(known, _grown(folder)).predict(asked)[:, None]
    return found


def _grown(folder: Path) -> Floats:
    return _numbers(_table(folder / "public" / "train.csv"), "growth")[:, 0]


def _growth_tables(folder: Path) -> tuple[Floats, Floats]:
    return _described(_table(folder / "public" / "train.csv")), _described(_table(folder / "public" / "test.csv"))


def _past(rows: Rows) -> Floats:
    """Yearly growth in percent (log): over two years, over the last, over the one before."""
    people = np.log(np.maximum(_numbers(rows, "pop2019", "pop2020", "pop2021"), 1.0))
    two = (people[:, 2] - people[:, 0]) / 2
    return 100 * np.stack([two, people[:, 2] - people[:, 1], people[:, 1] - people[:, 0]], axis=1)


def _described(rows: Rows) -> Floats:
    """Shape (rows, 11): past growth, log size, shares of ages and of kinds of housing; missing shares count as 0."""
    size = np.maximum(_numbers(rows, "pop2021"), 1.0)
    homes = np.maximum(_numbers(rows, "logements"), 1.0)
    ages = _numbers(rows, "pop_0_19", "pop_20_64", "pop_65p") / size
    kinds = _numbers(rows, "res_secondaires", "logements_vacants", "maisons") / homes
    found: Floats = np.nan_to_num(np.hstack([_past(rows), np.log(size), ages, kinds, homes / size]), nan=0.0)
    return found


# Tidal range: metres, one column, from latitude and longitude.


def _stations(folder: Path, recipe: Recipe) -> Floats:
    """Mean range of the ``k`` nearest known stations, weighted by distance to the power minus ``power``."""
    known, ranges, distance = _coast(folder)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, : min(int(recipe.get("k", 3)), len(known))]
    weight = (np.take_along_axis(distance, nearest, axis=1) + 1.0) ** -float(recipe.get("power", 0))
    found: Floats = (weight * ranges[nearest]).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    return found


def _kriging(folder: Path, recipe: Recipe) -> Floats:
    """Gaussian process with an exponential kernel: ``reach`` in kilometres, ``nugget`` in shares of the variance."""
    known, ranges, distance = _coast(folder)
    reach, nugget = float(recipe.get("reach", 200)), float(recipe.get("nugget", 0.1))
    among: Floats = np.exp(-_kilometres(known, known) / reach) + nugget * np.eye(len(known))
    found = np.exp(-distance / reach) @ np.linalg.solve(among, ranges - ranges.mean()) + ranges.mean()
    return np.asarray(np.maximum(found, 0.05)[:, None])


def _coast(folder: Path) -> tuple[Floats, Floats, Floats]:
    """Return the known positions (stations, 2), their ranges, and the distances asked-known in kilometres."""
    rows = _table(folder / "public" / "train.csv")
    known = _numbers(rows, "lat", "lon")
    asked = _numbers(_table(folder / "public" / "test.csv"), "lat", "lon")
    return known, _numbers(rows, "range_m")[:, 0], _kilometres(asked, known)


def _kilometres(here: Floats, there: Floats) -> Floats:
    """Great-circle distances, shape (here, there); the haversine formula on a sphere of 6,371 km."""
    lat1, lon1 = np.radians(here).T[:, :, None]
    lat2, lon2 = np.radians(there).T[:, None, :]
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    found: Floats = 2 * 6371.0 * np.arcsin(np.sqrt(half))
    return found


METHODS: dict[str, Callable[[Path, Recipe], Floats]] = {
    "frequency": _frequency,
    "words": _words,
    "letters": _letters,
    "ridge": _ridge,
    "blend": _blend,
    "constant": _constant,
    "trend": _trend,
    "regression": _regression,
    "trees": _trees,
    "stations": _stations,
    "kriging": _kriging,
}
