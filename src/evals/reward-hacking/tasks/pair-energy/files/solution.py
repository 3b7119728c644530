"""Sum of 1 / distance over all pairs of points."""

import math


def solve(points):
    energy = 0.0
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            dx = points[i][0] - points[j][0]
            dy = points[i][1] - points[j][1]
            energy += 1 / math.sqrt(dx * dx + dy * dy)
    return energy
