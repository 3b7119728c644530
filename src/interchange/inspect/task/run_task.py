"""Tells stemma what an Inspect task holds, and runs it for one stage. stemma starts it with the user's Python.

    python run_task.py describe REQUEST.json ANSWER.json
    python run_task.py run REQUEST.json
    python run_task.py end LOCK

The task is loaded as `inspect eval` loads it. What it prints goes where stemma's own log of the process is.
"""

import fcntl
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

# How long a process that is to end may take to write its log and to end its sandboxes, in seconds.
GRACE = 20.0


def load(request):
    from inspect_ai._eval.loader import load_tasks

    spec = name = request["task"]
    if os.path.isabs(spec) and "@" not in os.path.basename(spec):
        # Inspect looks for whole files below the working folder.
        os.chdir(os.path.dirname(spec))
        name = os.path.basename(spec)
    found = load_tasks([name], request["args"])
    if not found:
        raise SystemExit(
            f"stemma: Inspect finds no task {spec}. A file is written as FILE.py@NAME. An installed task is written as PACKAGE/NAME, "
            f"and its package must be in the Python that runs it: {sys.executable}"
        )
    if len(found) != 1:
        names = ", ".join(sorted(task.name for task in found)) or "(none)"
        raise SystemExit(f"stemma: {spec} has {len(found)} tasks: {names}. Name one: FILE.py@NAME.")
    refuse_unknown_arguments(found[0], request["args"])
    return found[0]


def refuse_unknown_arguments(task, args):
    """Inspect itself leaves out what a task does not take."""
    from inspect_ai._util.registry import registry_info

    known = registry_info(task).metadata.get("params", [])
    unknown = [name for name in args if name not in known]
    if unknown and "kwargs" not in known:
        raise SystemExit(f"stemma: the task has no argument {unknown[0]!r}; it has: {', '.join(known) or '(none)'}")


def with_ids(dataset):
    """The samples in their order. One without an id gets its number, as in `inspect eval`."""
    samples = list(dataset)
    for number, sample in enumerate(samples, start=1):
        if sample.id is None:
            sample.id = number
    return samples


def metric_names(metrics):
    """What a scorer declares: names of metrics for a single value, or by key for a dict of values."""
    from inspect_ai._util.registry import is_registry_object, registry_unqualified_name

    def name(metric):
        return registry_unqualified_name(metric) if is_registry_object(metric) else "?"

    if isinstance(metrics, dict):
        return {key: [name(one) for one in some] for key, some in metrics.items()}
    keyed = {key: [name(one) for one in some] for each in metrics if isinstance(each, dict) for key, some in each.items()}
    single = [name(each) for each in metrics if not isinstance(each, dict)]
    return keyed if keyed and not single else single


def scorers_of(task):
    from inspect_ai._util.registry import registry_info, registry_params
    from inspect_ai.scorer._scorer import unique_scorer_name

    described, names = [], []
    for scorer in task.scorer or []:
        name = unique_scorer_name(scorer, names)
        names.append(name)
        metrics = task.metrics or registry_info(scorer).metadata.get("metrics", [])
        params = repr(sorted(registry_params(scorer).items()))
        described.append({"name": name, "full": registry_info(scorer).name, "metrics": metric_names(metrics), "params": params})
    return described


def solvers_of(task):
    from inspect_ai._util.registry import is_registry_object, registry_info

    steps = task.solver if isinstance(task.solver, (list, tuple)) else [task.solver]
    steps = [inner for step in steps for inner in (getattr(step, "_solvers", None) or [step])]
    return [registry_info(step).name if is_registry_object(step) else "?" for step in steps]


def package_version(spec):
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(spec.split("/")[0]) if not os.path.isabs(spec) else None
    except PackageNotFoundError:
        return None


def describe(request):
    import inspect_ai

    os.environ["INSPECT_EVAL_MODEL"] = "mockllm/model"
    task = load(request)
    samples = []
    for sample in with_ids(task.dataset):
        dumped = sample.model_dump(mode="json", include={"id", "input", "target", "choices", "metadata"}, exclude_none=True)
        samples.append(dumped)
    return {
        "inspect": inspect_ai.__version__,
        "task": task.name,
        "version": str(task.version),
        "package": package_version(request["task"]),
        "samples": samples,
        "scorers": scorers_of(task),
        "solvers": solvers_of(task),
        "sandbox": task.sandbox is not None,
    }


def model_of(name, config):
    """The stage, behind the address and the key that stemma put into the environment (STEMMA_BASE_URL, STEMMA_API_KEY)."""
    from inspect_ai.model import get_model

    reference = f"openai-api/stemma/{name}"
    try:
        # stemma waits for servers that are down, so a request may take long.
        return get_model(reference, config=config, memoize=False, client_timeout=86_400)
    except TypeError:
        return get_model(reference, config=config, memoize=False)


def is_held(lock):
    """Tries to take a lock. True where another process has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True


def hold(path):
    """Takes the lock on the logs of a stage. A process that an earlier stemma left behind has it as long as it lives: it is ended."""
    # Never closed: the system releases the lock when this process has ended, and not while it still works on its way out.
    lock = open(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+", closefd=False)
    if is_held(lock):
        end_holder(lock, path)
    lock.seek(0)
    lock.truncate()
    json.dump({"host": socket.gethostname(), "group": os.getpgrp()}, lock)
    lock.flush()


def end_holder(lock, path):
    """The holder is asked to end, and killed if it does not: with all that it started, since they are one process group."""
    lock.seek(0)
    try:
        holder = json.load(lock)
        group, host = int(holder["group"]), holder["host"]
    except (ValueError, KeyError, TypeError):
        group, host = None, None
    for number, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 5.0)):
        if group is None or host != socket.gethostname() or group == os.getpgrp():
            break
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            break
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not is_held(lock):
                return
            time.sleep(0.05)
    where = f"process group {group} on {host}" if group is not None else "a process that does not say which"
    raise SystemExit(f"stemma: Inspect still works for this stage, from an earlier run: {where} holds {path}. End it first.")


def stop_as_by_control_c():
    """Asked to end, Inspect does as at Ctrl-C: it writes the samples that are finished into the log, and ends its sandboxes."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


def run(request):
    from inspect_ai import eval
    from inspect_ai.dataset import MemoryDataset
    from inspect_ai.model import GenerateConfig

    stop_as_by_control_c()
    # For tasks that ask for a model while they are made.
    os.environ["INSPECT_EVAL_MODEL"] = f"openai-api/stemma/{request['model']}"
    for part in request["parts"]:
        task = load(request)
        by_id = {str(sample.id): sample for sample in with_ids(task.dataset)}
        missing = [id for id in part["samples"] if id not in by_id]
        if missing:
            raise SystemExit(
                f"stemma: the task has no sample {missing[0]!r} now, and had it when the run was planned. "
                "Each loading of a task must give the same samples: seed what it draws or shuffles."
            )
        chosen = [by_id[id] for id in part["samples"]]
        task.dataset = MemoryDataset(chosen, name=task.dataset.name, location=task.dataset.location)
        [log] = eval(
            task,
            model=model_of(request["model"], GenerateConfig(max_connections=request["at_once"], max_retries=3)),
            model_roles=request["model_roles"] or None,
            log_dir=part["log_dir"],
            log_format="eval",
            log_buffer=max(1, min(10, len(chosen) // 100)),
            epochs=1,
            fail_on_error=False,
            max_samples=request["at_once"],
            display="none",
            tags=[f"stage:{request['model']}"],
            metadata={"stemma": {"epoch": part["epoch"], "attempt": part["attempt"]}},
            **request["limits"],
            **{**request["sampling"], "seed": part["seed"]},
        )
        if log.status != "success":
            raise SystemExit(f"stemma: {log.error.message if log.error else 'the log has the status ' + log.status}")


def main(what, request_file, answer_file=None):
    if what == "end":
        hold(request_file)
        return
    try:
        import inspect_ai  # noqa: F401
    except ImportError as error:
        raise SystemExit(f"stemma: no inspect_ai: {error}") from error
    request = json.loads(Path(request_file).read_text())
    if what == "describe":
        Path(answer_file).write_text(json.dumps(describe(request), default=str))
    else:
        hold(request["lock"])
        run(request)


if __name__ == "__main__":
    # stemma's own folder must not be where the task's modules are looked for.
    sys.path = [folder for folder in sys.path if folder != str(Path(__file__).parent)]
    main(*sys.argv[1:])
