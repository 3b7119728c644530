"""llama.cpp's server from PyPI (xllamacpp), with the arguments that stemma gives to `llama-server`."""
import argparse
import signal

import xllamacpp

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--alias", required=True)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--ctx-size", type=int, default=8192, help="of all slots together")
parser.add_argument("--parallel", type=int, default=8, help="answers at the same time")
parser.add_argument("--threads", type=int, default=1, help="more of them wait for each other in a busy loop")
parser.add_argument("--n-gpu-layers", type=int, default=0)
parser.add_argument("--jinja", action="store_true")
given = parser.parse_args()

params = xllamacpp.CommonParams()
params.model.path = given.model
params.model_alias = {given.alias}
params.hostnames = [given.host]
params.port = given.port
params.n_ctx = given.ctx_size
params.n_parallel = given.parallel
params.n_gpu_layers = given.n_gpu_layers
params.use_jinja = given.jinja
params.warmup = False
for cpu in (params.cpuparams, params.cpuparams_batch):
    cpu.n_threads = given.threads
    cpu.poll = 0  # threads that wait would take a core
server = xllamacpp.Server(params)
print("listening on", server.listening_address, flush=True)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
