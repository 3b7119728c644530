def generate(draw, size):
    return [draw.below(5 * size) + 2 * place for place in range(size)]
