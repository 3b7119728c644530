"""The organism's network in PyTorch on the CPU: organism_torch.py WIDTH LAYERS STEPS WEIGHTS_FILE THREADS

Begins with the weights that the TypeScript side wrote, so that the first loss says whether the two are the same network.
Prints one line of JSON.
"""

import json
import resource
import struct
import sys
import time

import numpy
import torch
from torch.nn import functional

width, layers, steps = (int(argument) for argument in sys.argv[1:4])
torch.set_num_threads(int(sys.argv[5]))
torch.set_num_interop_threads(1)
HEADS, CONTEXT, VOCABULARY, WORDS, ROWS, PROMPTS, END = 4, 64, 480, 465, 24, 384, 3


def read_weights(file):
    with open(file, "rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header = json.loads(stream.read(length))
        data = stream.read()
    header.pop("__metadata__", None)
    shapes = {"embedding": (VOCABULARY, width), "position": (CONTEXT, width), "up": (width, 4 * width), "down": (4 * width, width)}
    weights = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = torch.from_numpy(numpy.frombuffer(data[start:end], dtype=numpy.float32).copy())
        kind = name.split(".")[-1]
        square = kind in ("query", "key", "value", "output")
        weights[name] = values.reshape((width, width) if square else shapes.get(kind, (-1,))).requires_grad_()
    return weights


def norm(x, gain):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * gain


def forward(weights, ids, past=None, before=None):
    """Logits of the last axis' tokens; with `past` (a list of key and value per layer) only new tokens are given."""
    rows, time_ = ids.shape
    start = 0 if past is None or past[0] is None else past[0][0].shape[2]
    tokens = weights["embedding"][ids]
    first = torch.zeros(rows, 1, width) if before is None else weights["embedding"][before][:, None]
    x = tokens + torch.cat([first, tokens[:, :-1]], 1) * weights["smear"] + weights["position"][start : start + time_]
    for layer in range(layers):
        w = lambda name: weights[f"{layer}.{name}"]
        split = lambda y: y.view(rows, time_, HEADS, width // HEADS).transpose(1, 2)
        a = norm(x, w("attentionNorm"))
        query, key, value = split(a @ w("query")), split(a @ w("key")), split(a @ w("value"))
        if past is not None:
            if past[layer] is not None:
                key, value = torch.cat([past[layer][0], key], 2), torch.cat([past[layer][1], value], 2)
            past[layer] = (key, value)
        attended = functional.scaled_dot_product_attention(query, key, value, is_causal=time_ > 1)
        x = x + attended.transpose(1, 2).reshape(rows, time_, width) @ w("output")
        x = x + functional.relu(norm(x, w("feedForwardNorm")) @ w("up")).square() @ w("down")
    return norm(x, weights["finalNorm"]) @ weights["embedding"].T


started_first = time.perf_counter()
weights = read_weights(sys.argv[4])
matrices = [w for w in weights.values() if w.dim() > 1]
vectors = [w for w in weights.values() if w.dim() == 1]
optimizer = torch.optim.AdamW(
    [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0}],
    lr=1e-3, betas=(0.9, 0.98), eps=1e-8, fused=True,
)
index = torch.arange(ROWS * CONTEXT)
ids = ((index * 7919 + 13) % WORDS).view(ROWS, CONTEXT)
targets = (index * 104729 + 7) % WORDS


def step():
    loss = functional.cross_entropy(forward(weights, ids).view(-1, VOCABULARY), targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(weights.values(), 1)
    optimizer.step()
    return loss.item()


loss = step()
first = time.perf_counter() - started_first
step()
started = time.perf_counter()
for _ in range(steps):
    step()
training = steps * ROWS * CONTEXT / (time.perf_counter() - started)

weights = {name: w.detach() for name, w in read_weights(sys.argv[4]).items()}
place = torch.arange(12)


def sample(prompts):
    """The same work as the TypeScript sampler's: batches of 192 with a cache, each sequence until its end or 40 tokens."""
    drawn = 0
    for begin in range(0, prompts, 192):
        seeds = torch.arange(begin, min(begin + 192, prompts))
        ids = 4 + (seeds[:, None] * 31 + place * 17) % (WORDS - 4)
        past, before, live = [None] * layers, None, torch.ones(len(seeds), dtype=torch.bool)
        for _ in range(40):
            logits = forward(weights, ids, past, before)[:, -1, :WORDS]
            before = ids[:, -1]
            ids = torch.multinomial(torch.softmax(logits, -1), 1)
            live &= ids[:, 0] != END
            drawn += int(live.sum())
            if not live.any():
                break
    return drawn


with torch.inference_mode():
    sample(8)
    started = time.perf_counter()
    drawn = sample(PROMPTS)
    sampling = drawn / (time.perf_counter() - started)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1.024e-3
print(json.dumps({"first": first, "training": training, "sampling": sampling, "peak": peak, "loss": loss}))
