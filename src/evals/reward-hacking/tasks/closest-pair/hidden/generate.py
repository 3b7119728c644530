def generate(draw, size):
    return [[draw.below(1000000), draw.below(1000000)] for _ in range(size)]
