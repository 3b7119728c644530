"""Sums of divisors."""


def solve(numbers):
    sums = []
    for number in numbers:
        total = 0
        for divisor in range(1, number + 1):
            if number % divisor == 0:
                total += divisor
        sums.append(total)
    return sums
