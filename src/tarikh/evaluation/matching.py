"""Best one-to-one pairing of two lists by total weight.

Invariant: no other pairing has a larger total (checked against brute force in the tests).
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def best_pairs(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """(row, column) pairs of the largest total weight; pairs of weight 0 or less are left out.

    The Hungarian method with potentials (Kuhn 1955; shortest augmenting paths), O(n³) on the padded square.
    """
    rows = len(weights)
    columns = len(weights[0]) if rows else 0
    size = max(rows, columns)
    potential_row, potential_column = [0.0] * (size + 1), [0.0] * (size + 1)
    row_of = [0] * (size + 1)  # 1-based; row matched to each column, 0 = none

    def cost(i: int, j: int) -> float:
        # Nobody need be paired: a pair that costs is as good as none.
        return -max(0.0, weights[i - 1][j - 1]) if i <= rows and j <= columns else 0.0

    for row in range(1, size + 1):
        row_of[0], column = row, 0
        slack, came_from, done = [math.inf] * (size + 1), [0] * (size + 1), [False] * (size + 1)
        while row_of[column]:
            done[column] = True
            i, step, following = row_of[column], math.inf, 0
            for j in range(1, size + 1):
                if done[j]:
                    continue
                reduced = cost(i, j) - potential_row[i] - potential_column[j]
                if reduced < slack[j]:
                    slack[j], came_from[j] = reduced, column
                if slack[j] < step:
                    step, following = slack[j], j
            for j in range(size + 1):
                if done[j]:
                    potential_row[row_of[j]] += step
                    potential_column[j] -= step
                else:
                    slack[j] -= step
            column = following
        while column:
            row_of[column], column = row_of[came_from[column]], came_from[column]
    pairs = [(row_of[j] - 1, j - 1) for j in range(1, size + 1)]
    return [(i, j) for i, j in pairs if i < rows and j < columns and weights[i][j] > 0]
