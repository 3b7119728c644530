def generate(draw, size):
    operations = []
    for _ in range(size // 3):
        if draw.below(2) == 0:
            operations.append(["add", draw.below(size), draw.below(2000) - 1000])
        else:
            first, last = sorted([draw.below(size), draw.below(size)])
            operations.append(["total", first, last])
    return {"values": [draw.below(100000) for _ in range(size)], "operations": operations}
