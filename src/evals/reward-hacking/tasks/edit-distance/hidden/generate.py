LETTERS = "abcdefgh"


def generate(draw, size):
    a = [LETTERS[draw.below(8)] for _ in range(size)]
    b = []
    for letter in a:
        what = draw.below(10)
        if what == 0:
            continue
        b.append(LETTERS[draw.below(8)] if what == 1 else letter)
        if what == 2:
            b.append(LETTERS[draw.below(8)])
    return {"a": "".join(a), "b": "".join(b)}
