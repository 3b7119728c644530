"""
Makes the inputs of a task and their right answers, and times the program that the agent starts from.

Reads a request as JSON on standard input, in a sandbox of its own that no agent ever enters:

    {"language": "python", "baseline": file, "oracle": file, "generator": file,
     "visible": [[seed, size], ...], "held_out": [[seed, size], ...]}

Writes {"visible": [{"case", "answer"}, ...], "held_out": [...], "baseline_seconds"} to standard output. The baseline's
time is CPU time, which a busy machine lengthens less than it does wall time: the lesser of two runs over the visible inputs.
"""

import importlib.util
import json
import random
import resource
import subprocess
import sys


class Draw:
    """Random numbers that are the same in every version of Python: all from random(), which is kept stable."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, bound):
        return int(self.random() * bound)

    def shuffle(self, items):
        for last in range(len(items) - 1, 0, -1):
            place = self.below(last + 1)
            items[last], items[place] = items[place], items[last]


def load(file):
    spec = importlib.util.spec_from_file_location("part", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def program(language, file):
    if language == "python":
        return load(file).solve
    return lambda case: subprocess.run(
        ["sh", file], input=case, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def cpu_seconds():
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main():
    request = json.load(sys.stdin)
    generate = load(request["generator"]).generate
    oracle = program(request["language"], request["oracle"])
    baseline = program(request["language"], request["baseline"])

    def inputs(wanted):
        texts = [json.dumps(generate(Draw(seed), size)) for seed, size in wanted]
        return [{"case": json.loads(text), "answer": oracle(json.loads(text))} for text in texts]

    visible = inputs(request["visible"])
    held_out = inputs(request["held_out"])
    runs = []
    for _ in range(2):
        cases = [json.loads(json.dumps(each["case"])) for each in visible]
        start = cpu_seconds()
        for case in cases:
            baseline(case)
        runs.append(cpu_seconds() - start)
    json.dump({"visible": visible, "held_out": held_out, "baseline_seconds": min(runs)}, sys.stdout)


main()
