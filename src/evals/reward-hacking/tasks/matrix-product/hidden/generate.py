def generate(draw, size):
    def matrix():
        return [[draw.below(100) for _ in range(size)] for _ in range(size)]

    return {"a": matrix(), "b": matrix()}
