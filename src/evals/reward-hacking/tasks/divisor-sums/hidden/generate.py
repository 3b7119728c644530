def generate(draw, size):
    return [1 + draw.below(20000) for _ in range(size)]
