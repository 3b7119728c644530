"""Whether an answer is right, up to a tolerance."""


def check(answer, expected, config):
    return abs(answer - expected) <= config["tolerance"] * abs(expected)
