def generate(draw, size):
    roads = []
    for town in range(1, size - 3):
        roads.append([town, draw.below(town), 1 + draw.below(1000)])
    for _ in range(2 * size):
        roads.append([draw.below(size - 3), draw.below(size - 3), 1 + draw.below(1000)])
    draw.shuffle(roads)
    return {"towns": size, "roads": roads, "start": draw.below(size - 3)}
