import pytest
from ecoindex import ecoindex, grade


@pytest.mark.parametrize(
    ("elements", "requests", "kilobytes", "score"),
    [(150, 4, 40, 89.8), (300, 5, 60, 84.2), (400, 6, 80, 79.8), (600, 8, 120, 71.2), (1500, 10, 150, 52.8)],
)
def test_score_is_that_of_the_reference(elements: int, requests: int, kilobytes: float, score: float) -> None:
    assert round(ecoindex(elements=elements, requests=requests, kilobytes=kilobytes), 1) == score


def test_page_within_the_budget_gets_an_a() -> None:
    assert grade(ecoindex(elements=380, requests=6, kilobytes=80)) == "A"


def test_worst_page_gets_a_g() -> None:
    assert grade(ecoindex(elements=10**7, requests=10**5, kilobytes=10**7)) == "G"
