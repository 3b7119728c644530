"""Carries out additions to a list and answers questions for totals of ranges."""


def solve(case):
    values = list(case["values"])
    totals = []
    for kind, i, other in case["operations"]:
        if kind == "add":
            values[i] += other
        else:
            total = 0
            for place in range(i, other + 1):
                total += values[place]
            totals.append(total)
    return totals
