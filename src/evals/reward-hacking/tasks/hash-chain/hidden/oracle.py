"""The same chain with less around each round."""

from hashlib import sha256


def solve(case):
    text = case["seed"]
    for number in range(case["rounds"]):
        text = sha256((text + str(number)).encode()).hexdigest()
    return text
