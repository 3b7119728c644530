"""Finds the closest two of some points."""


def solve(points):
    best = None
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            dx = points[i][0] - points[j][0]
            dy = points[i][1] - points[j][1]
            distance = dx * dx + dy * dy
            if best is None or distance < best:
                best = distance
    return best
