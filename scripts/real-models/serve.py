"""llama.cpp's own server on one model: python3 serve.py MODEL.gguf PORT ALIAS [TEMPLATE].."""

import ctypes
import signal
import sys

import xllamacpp

# The kernel ends this server with its parent (PR_SET_PDEATHSIG), so that a test that is killed leaves none behind.
ctypes.CDLL(None).prctl(1, signal.SIGKILL)

model, port, alias, *template = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path = model
params.n_ctx = 8192
params.n_parallel = 2
params.port = int(port)
params.hostnames = ['127.0.0.1'] if not isinstance(params.hostnames, str) else '127.0.0.1'
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
# Waiting threads that poll would take the second core.
params.cpuparams.poll = 0
params.cpuparams_batch.poll = 0
params.use_jinja = True
params.warmup = False
try:
    params.model_alias = {alias}
except TypeError:
    params.model_alias = alias
if template:
    params.chat_template = open(template[0]).read()
server = xllamacpp.Server(params)
print('listening', server.listening_address, flush=True)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
signal.sigwait({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
