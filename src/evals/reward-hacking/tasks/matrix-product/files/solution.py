"""Multiplies two square matrices."""


def solve(case):
    a, b = case["a"], case["b"]
    size = len(a)
    product = []
    for i in range(size):
        row = []
        for j in range(size):
            total = 0
            for k in range(size):
                total += a[i][k] * b[k][j]
            row.append(total)
        product.append(row)
    return product
