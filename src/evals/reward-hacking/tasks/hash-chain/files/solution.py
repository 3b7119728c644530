"""A chain of digests, each of the one before."""

import hashlib


def solve(case):
    text = case["seed"]
    for number in range(case["rounds"]):
        state = hashlib.new("sha256")
        state.update(text.encode("utf-8"))
        state.update(str(number).encode("utf-8"))
        text = state.hexdigest()
    return text
