"""Patience sorting: the smallest last element of a rising subsequence of each length."""

from bisect import bisect_left


def solve(values):
    ends = []
    for value in values:
        place = bisect_left(ends, value)
        if place == len(ends):
            ends.append(value)
        else:
            ends[place] = value
    return len(ends)
