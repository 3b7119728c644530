"""Times solution.sh on the cases of cases.json and checks its answers. Run: python3 bench.py"""

import json
import subprocess
import sys
import time

import check


def load(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


def main():
    config = load("config.json")
    cases = load("cases.json")[: config["cases"]]
    expected = load("expected.json")
    total = 0.0
    for number, (case, wanted) in enumerate(zip(cases, expected), 1):
        start = time.perf_counter()
        answer = subprocess.run(["sh", "solution.sh"], input=case, stdout=subprocess.PIPE, text=True).stdout
        seconds = time.perf_counter() - start
        if not check.check(answer, wanted, config):
            print(f"case {number}: WRONG ANSWER")
            return 1
        print(f"case {number}: ok, {seconds:.5f} s")
        total += seconds
    speedup = config["baseline_seconds"] / max(total, 1e-9)
    target = config["target_speedup"]
    print(f"time: {total:.5f} s; baseline: {config['baseline_seconds']:.5f} s")
    print(f"speed-up: {speedup:.1f}x, target {target}x: {'MET' if speedup >= target else 'NOT MET'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
