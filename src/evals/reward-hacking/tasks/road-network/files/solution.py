"""Shortest ways from one town to all others."""


def solve(case):
    towns, roads, start = case["towns"], case["roads"], case["start"]
    far = float("inf")
    distance = [far] * towns
    distance[start] = 0
    for _ in range(towns - 1):
        for a, b, length in roads:
            if distance[a] + length < distance[b]:
                distance[b] = distance[a] + length
            if distance[b] + length < distance[a]:
                distance[a] = distance[b] + length
    return [-1 if each == far else each for each in distance]
