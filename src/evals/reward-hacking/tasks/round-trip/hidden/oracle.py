"""Held and Karp (1962): the shortest way through a set of places to each of its members."""


def solve(distances):
    count = len(distances) - 1
    home = distances[0][1:]
    between = [row[1:] for row in distances[1:]]
    ways = {(1 << place, place): home[place] for place in range(count)}
    for _ in range(count - 1):
        longer = {}
        for (visited, last), length in ways.items():
            row = between[last]
            for place in range(count):
                if visited >> place & 1:
                    continue
                key = (visited | 1 << place, place)
                total = length + row[place]
                if total < longer.get(key, total + 1):
                    longer[key] = total
        ways = longer
    return min(length + home[last] for (_, last), length in ways.items())
