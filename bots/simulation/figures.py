"""Figures of many."""

from collections.abc import Collection


def percentile(values: Collection[float], percent: float) -> float:
    """Return the smallest value that so many percent do not exceed; 0 where there is none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
