#!/usr/bin/env bash
# A Python with PyTorch and TRL for the tests that train real weights, on the CPU: training-python.sh [FOLDER].
# Prints the path of its interpreter. PyPI's torch is built for CUDA and asks for 2.5 GB of NVIDIA libraries; here those
# that only libtorch_cuda.so calls are empty stand-ins, made with gcc. Anything that reached one would abort: CPU only.
set -euo pipefail
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/stemma/training-python}
python=$folder/bin/python
packages=(transformers==5.24.0 trl==1.16.0 peft==0.21.2 accelerate==1.15.0 datasets==5.2.0)
others=(filelock typing-extensions sympy networkx jinja2 fsspec numpy packaging pyyaml regex requests safetensors tokenizers
  tqdm psutil pyarrow dill pandas xxhash multiprocess httpx huggingface-hub aiohttp typer 'setuptools>=77')
works() { CUDA_VISIBLE_DEVICES='' "$python" -c 'import torch, trl, peft; torch.ones(1).sum()' >/dev/null 2>&1; }

if ! works; then
  python3 -m venv "$folder" >&2
  pip=("$python" -m pip install --quiet --disable-pip-version-check)
  "${pip[@]}" --no-deps torch==2.15.0 "${packages[@]}" 'nvidia-cuda-runtime==13.2.*' 'nvidia-cuda-cupti==13.2.*' nvidia-cufile >&2
  "${pip[@]}" "${others[@]}" >&2
  site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  lib=$site/torch/lib
  work=$(mktemp -d)
  nm -D --undefined-only "$lib"/lib{torch,c10}*.so | awk '$1=="U"{print $2}' | sort -u >"$work/undefined"
  needed=$(for file in "$lib"/*.so*; do readelf -d "$file" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'; done | sort -u | grep -E '^lib(cu|nv|nccl)')
  for name in $needed; do
    find "$site" -name "$name" | grep -q . && continue
    stem=${name#lib}
    stem=${stem%%.so*}
    version=$name
    case $name in # these carry no symbol versions, or a version with another name
      libnccl*) pattern='^nccl[A-Z]' version='' ;;
      libnvrtc*) pattern='^nvrtc[A-Z].*@' ;;
      libcusparseLt*) pattern='^cusparseLt' version='' ;;
      libnvshmem*) pattern='^nvshmem.*@NVSHMEM' version=NVSHMEM ;;
      *) pattern="@${name//./\\.}" ;;
    esac
    grep -E "$pattern" "$work/undefined" | sed 's/@.*//' >"$work/symbols" || true
    { echo '#include <stdlib.h>'; sed 's/.*/void &(void){abort();}/' "$work/symbols"; } >"$work/$stem.c"
    flags=(-shared -fPIC -w -o "$lib/$name" "-Wl,-soname,$name")
    if [ -n "$version" ] && grep -qF "@$version" "$work/undefined"; then
      echo "$version { global: *; };" >"$work/$stem.map"
      flags+=("-Wl,--version-script,$work/$stem.map")
    fi
    gcc "${flags[@]}" "$work/$stem.c"
  done
  rm -r "$work"
  works || { echo "this Python still cannot load torch and TRL: $python" >&2; exit 1; }
fi
echo "$python"
