"""EcoIndex of a page from its elements, requests and bytes, by the reference of cnumr/ecoindex_reference."""

from bisect import bisect_right

ELEMENTS = (
    0, 47, 75, 159, 233, 298, 358, 417, 476, 537, 603, 674, 753, 843, 949, 1076, 1237, 1459, 1801, 2479, 594601,
)  # fmt: skip
REQUESTS = (0, 2, 15, 25, 34, 42, 49, 56, 63, 70, 78, 86, 95, 105, 117, 130, 147, 170, 205, 281, 3920)
KILOBYTES = (
    0, 1.37, 144.7, 319.53, 479.46, 631.97, 783.38, 937.91, 1098.62, 1265.47, 1448.32, 1648.27, 1876.08, 2142.06,
    2465.37, 2866.31, 3401.59, 4155.73, 5400.08, 8037.54, 223212.26,
)  # fmt: skip
GRADES = ((80, "A"), (70, "B"), (55, "C"), (40, "D"), (25, "E"), (10, "F"), (0, "G"))


def place(value: float, quantiles: tuple[float, ...]) -> float:
    """Return where a value stands among its quantiles, 0 (lightest) to 20, straight lines between them."""
    at = bisect_right(quantiles, value)
    if at >= len(quantiles):
        return float(len(quantiles) - 1)
    below, above = quantiles[at - 1], quantiles[at]
    return at - 1 + (value - below) / (above - below)


def ecoindex(*, elements: int, requests: int, kilobytes: float) -> float:
    """Return the score of a page, 0 to 100, higher is lighter."""
    weighted = 3 * place(elements, ELEMENTS) + 2 * place(requests, REQUESTS) + place(kilobytes, KILOBYTES)
    return 100 - 5 * weighted / 6


def grade(score: float) -> str:
    """Return the letter of a score, A to G."""
    return next(letter for least, letter in GRADES if score >= least)
