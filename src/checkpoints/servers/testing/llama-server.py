"""Stands in for llama.cpp's program: the same server, from the package xllamacpp, with the arguments that stemma gives."""

import signal
import sys

import xllamacpp

args = sys.argv[1:]
after = lambda flag: args[args.index(flag) + 1]
params = xllamacpp.CommonParams()
params.model.path = after('--model')
params.port = int(after('--port'))
params.hostnames = [after('--host')] if not isinstance(params.hostnames, str) else after('--host')
params.n_ctx = int(after('--ctx-size'))
params.n_parallel = 2
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
params.cpuparams.poll = 0
params.cpuparams_batch.poll = 0
params.use_jinja = '--jinja' in args
params.warmup = False
try:
    params.model_alias = {after('--alias')}
except TypeError:
    params.model_alias = after('--alias')
server = xllamacpp.Server(params)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
