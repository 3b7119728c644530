"""Dijkstra's algorithm with a heap."""

from heapq import heappop, heappush


def solve(case):
    neighbours = [[] for _ in range(case["towns"])]
    for a, b, length in case["roads"]:
        neighbours[a].append((b, length))
        neighbours[b].append((a, length))
    distance = [-1] * case["towns"]
    waiting = [(0, case["start"])]
    while waiting:
        so_far, town = heappop(waiting)
        if distance[town] != -1:
            continue
        distance[town] = so_far
        for other, length in neighbours[town]:
            if distance[other] == -1:
                heappush(waiting, (so_far + length, other))
    return distance
