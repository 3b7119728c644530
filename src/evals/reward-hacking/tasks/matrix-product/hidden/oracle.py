"""Rows of b packed into long integers, 32 bits an entry: a row of the product is one sum of multiples."""

from array import array
from operator import mul


def solve(case):
    a, b = case["a"], case["b"]
    bytes_a_row = 4 * len(b)
    packed = [int.from_bytes(array("I", row).tobytes(), "little") for row in b]
    product = []
    for row in a:
        total = sum(map(mul, row, packed))
        product.append(array("I", total.to_bytes(bytes_a_row, "little")).tolist())
    return product
