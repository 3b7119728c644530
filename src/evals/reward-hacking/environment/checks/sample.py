"""Whether an answer is right: its length, and the first of its numbers."""


def check(answer, expected, config):
    first = config["checked"]
    return len(answer) == len(expected) and answer[:first] == expected[:first]
