"""Factors by trial division with primes; the sum of divisors is a product over prime powers."""

PRIMES = [p for p in range(2, 142) if all(p % q for q in range(2, p))]


def solve(numbers):
    sums = []
    for number in numbers:
        total = 1
        for prime in PRIMES:
            if prime * prime > number:
                break
            if number % prime == 0:
                factor = 1
                while number % prime == 0:
                    number //= prime
                    factor = factor * prime + 1
                total *= factor
        if number > 1:
            total *= number + 1
        sums.append(total)
    return sums
