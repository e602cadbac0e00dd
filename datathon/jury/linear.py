"""Small symmetric positive definite systems in plain Python: nothing to import, quick up to some hundred unknowns. Pure."""

import math
from collections.abc import Sequence
from operator import mul

Matrix = Sequence[Sequence[float]]


def cholesky(matrix: Matrix) -> list[list[float]]:
    """Return the rows of the lower triangle L with L L' = ``matrix`` (n x n, symmetric; only its lower half is read).

    Raises ValueError when the matrix is not positive definite.
    """
    rows: list[list[float]] = []
    for i, given in enumerate(matrix):
        row: list[float] = []
        for j in range(i):
            row.append((given[j] - sum(map(mul, row, rows[j]))) / rows[j][j])
        pivot = given[i] - sum(map(mul, row, row))
        if not pivot > 0:
            raise ValueError("the matrix is not positive definite")
        row.append(math.sqrt(pivot))
        rows.append(row)
    return rows


def solve(lower: Matrix, right: Sequence[float]) -> list[float]:
    """Return x with L L' x = ``right``, for ``lower`` as ``cholesky`` returns it."""
    found: list[float] = []
    for row, value in zip(lower, right, strict=True):
        found.append((value - sum(map(mul, row, found))) / row[-1])
    for i in range(len(found) - 1, -1, -1):
        found[i] /= lower[i][i]
        step = found[i]
        for j in range(i):
            found[j] -= lower[i][j] * step
    return found


def inverse(lower: Matrix) -> list[list[float]]:
    """Return the inverse of L L', n x n."""
    size = len(lower)
    return [solve(lower, [float(i == j) for j in range(size)]) for i in range(size)]


def log_determinant(lower: Matrix) -> float:
    """Return the natural logarithm of the determinant of L L'."""
    return 2 * math.fsum(math.log(row[-1]) for row in lower)
