def generate(draw, size):
    places = [(draw.below(10000), draw.below(10000)) for _ in range(size)]
    return [
        [round(((x - u) ** 2 + (y - v) ** 2) ** 0.5) for u, v in places]
        for x, y in places
    ]
