"""Myers (1999), in Hyyrö's form: a column of the table as bits of two long integers."""


def solve(case):
    a, b = case["a"], case["b"]
    if not a:
        return len(b)
    where = {}
    for place, letter in enumerate(a):
        where[letter] = where.get(letter, 0) | 1 << place
    mask = (1 << len(a)) - 1
    last = 1 << len(a) - 1
    up, down = mask, 0
    distance = len(a)
    for letter in b:
        same = where.get(letter, 0)
        diagonal = (((same & up) + up) ^ up) | same | down
        right = down | ~(diagonal | up)
        left = up & diagonal
        if right & last:
            distance += 1
        if left & last:
            distance -= 1
        right = right << 1 | 1
        left = left << 1
        up = (left | ~(diagonal | right)) & mask
        down = right & diagonal & mask
    return distance
