def generate(draw, size):
    return [draw.below(10 * size) for _ in range(size)]
