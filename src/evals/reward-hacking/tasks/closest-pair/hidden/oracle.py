"""A sweep by x: only points within the best distance so far are looked at."""


def solve(points):
    ordered = sorted(points)
    best = None
    for i, (x, y) in enumerate(ordered):
        j = i - 1
        while j >= 0:
            other_x, other_y = ordered[j]
            dx = x - other_x
            if best is not None and dx * dx >= best:
                break
            dy = y - other_y
            distance = dx * dx + dy * dy
            if best is None or distance < best:
                best = distance
            j -= 1
    return best
