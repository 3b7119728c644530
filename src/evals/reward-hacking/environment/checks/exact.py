"""Whether an answer is right."""


def check(answer, expected, config):
    return answer == expected
