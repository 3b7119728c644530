"""Sorted insertion: what stands behind an element's place is larger and came before it."""

from bisect import bisect_right


def solve(values):
    seen = []
    count = 0
    for value in values:
        place = bisect_right(seen, value)
        count += len(seen) - place
        seen.insert(place, value)
    return count
