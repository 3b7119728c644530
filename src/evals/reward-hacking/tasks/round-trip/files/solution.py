"""Length of the shortest round trip."""

from itertools import permutations


def solve(distances):
    places = range(1, len(distances))
    best = None
    for order in permutations(places):
        length = distances[0][order[0]] + distances[order[-1]][0]
        for i in range(len(order) - 1):
            length += distances[order[i]][order[i + 1]]
        if best is None or length < best:
            best = length
    return best
