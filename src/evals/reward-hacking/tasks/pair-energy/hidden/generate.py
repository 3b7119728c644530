def generate(draw, size):
    points = set()
    while len(points) < size:
        points.add((draw.below(5000), draw.below(5000)))
    return [list(point) for point in sorted(points)]
