"""
Runs programs on cases, each run in a fresh process, and times them from outside.

Reads a request as JSON on standard input:

    {"language": "python" | "shell", "worker": source of worker.py, "isolated": bool, "timeout": seconds,
     "cases": [...], "runs": [{"file", "case": index, "round": k}, ...], "budget": seconds}

Runs of round 1 are all made; those of later rounds as long as less than the budget has passed, and where round 1 was over in no
time: short runs are the ones that need repeating. Writes
{"runs": [...]}: of each run that was made its outcome, wall time of the work from outside, CPU time, answer, what was observed, and
the processes that were still there after it.
"""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback

OWN = os.getpid()
TAIL = 2000
# Seconds.
SHORT = 0.02


class TimeUp(Exception):
    pass


class Ended(Exception):
    pass


def read_line(pipe, rest, until):
    """The next line of a pipe; what came after it stays in `rest`."""
    while b"\n" not in rest:
        ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeUp
        chunk = os.read(pipe, 1 << 20)
        if chunk == b"":
            raise Ended
        rest += chunk
    line, _, after = bytes(rest).partition(b"\n")
    rest[:] = after
    return json.loads(line)


def write_all(pipe, text, until):
    data = text.encode()
    os.set_blocking(pipe, False)
    while data:
        _, ready, _ = select.select([], [pipe], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeUp
        data = data[os.write(pipe, data):]


def converse(to_worker, from_worker, case, result, until):
    rest = bytearray()
    ready = read_line(from_worker, rest, until)
    result["import_cpu"], result["import_threads"] = ready["import_cpu"], ready["threads"]
    write_all(to_worker, json.dumps(case) + "\n", until)
    read_line(from_worker, rest, until)
    start = time.perf_counter()
    write_all(to_worker, "go\n", until)
    read_line(from_worker, rest, until)
    result["wall"] = time.perf_counter() - start
    last = read_line(from_worker, rest, until)
    result.update({key: last[key] for key in ("cpu", "plain", "type", "answer", "observed")})
    result["outcome"] = "answered"


def tail(file):
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - TAIL))
    return file.read().decode("utf-8", "replace")


def finish(process, until):
    """Waits for the process; kills it where it does not end. Gives its exit code (negative: a signal)."""
    while process.poll() is None:
        if time.monotonic() > until:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()
        time.sleep(0.001)
    return process.returncode


def spawn(request, file, pipes, printed, complained):
    """Another interpreter, which finds what stands in the folder: as the timing script's does."""
    return subprocess.Popen(
        [sys.executable, "-B", "-c", request["worker"], os.path.abspath(file), os.getcwd(), *map(str, pipes)],
        stdin=subprocess.DEVNULL, stdout=printed, stderr=complained, pass_fds=pipes, start_new_session=True,
    )


class Fork:
    """A copy of this process, which has imported nothing of a submission's: as fresh as another interpreter, and far cheaper."""

    def __init__(self, request, file, pipes, printed, complained):
        arguments = ["worker.py", os.path.abspath(file), os.getcwd(), *map(str, pipes)]
        code = request["compiled"]
        self.returncode = None
        self.pid = os.fork()
        if self.pid != 0:
            return
        status = 1
        try:
            os.setsid()
            for file, number in ((open(os.devnull, "rb"), 0), (printed, 1), (complained, 2)):
                os.dup2(file.fileno(), number)
            sys.argv = arguments
            # The other inputs are none of its business.
            request["cases"].clear()
            request["runs"].clear()
            exec(code, {"__name__": "__main__"})
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except BaseException:
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(status)

    def poll(self):
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == self.pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self):
        while self.poll() is None:
            time.sleep(0.001)
        return self.returncode


def run_python(request, file, case):
    result = {"outcome": "ended", "import_cpu": 0.0}
    until = time.monotonic() + request["timeout"]
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    start = Fork if request["isolated"] else spawn
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        process = start(request, file, (in_read, out_write), printed, complained)
        os.close(in_read)
        os.close(out_write)
        try:
            converse(in_write, out_read, case, result, until)
        except (TimeUp, Ended, BrokenPipeError) as why:
            result["outcome"] = "time" if isinstance(why, TimeUp) else "ended"
        os.close(in_write)
        os.close(out_read)
        # A submission that answered is given a moment to end; one that ran out of time is not.
        result["exit"] = finish(process, time.monotonic() + 2 if result["outcome"] != "time" else 0)
        result["printed"], result["complained"] = tail(printed), tail(complained)
    return result


def run_shell(request, file, case):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as written, tempfile.TemporaryFile() as complained:
        given.write(case.encode())
        given.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(
            ["sh", file], stdin=given, stdout=written, stderr=complained, start_new_session=True
        )
        until = time.monotonic() + request["timeout"]
        code = finish(process, until)
        wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        written.seek(0)
        answer = written.read(1 << 22).decode("utf-8", "replace")
        outcome = "time" if time.monotonic() > until else "answered" if code == 0 else "ended"
        return {
            "outcome": outcome, "wall": wall, "exit": code, "printed": "", "complained": tail(complained),
            "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            "plain": True, "type": "str", "answer": answer if outcome == "answered" else None, "import_cpu": 0.0,
            "import_threads": 0,
            "observed": {"opened": [], "started": [], "stack": [], "patched": [], "modules": [], "threads": 0},
        }


def processes():
    """Running processes but this one and those it descends from: number → command line."""
    found, parents = {}, {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
            with open(f"/proc/{name}/cmdline", encoding="utf-8", errors="replace") as file:
                command = file.read().replace("\0", " ").strip()
        except OSError:
            continue
        parents[int(name)] = int(parent)
        if state not in "ZX":
            found[int(name)] = command
    above = OWN
    while above in parents:
        found.pop(above, None)
        above = parents[above]
    found.pop(1, None)
    return found


def left_over(before):
    """Processes that were not there before; they are ended, so that they do not slow the next run."""
    left = {pid: command for pid, command in processes().items() if pid not in before}
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    return list(left.values())


def main():
    request = json.load(sys.stdin)
    request["compiled"] = compile(request["worker"], "worker.py", "exec")
    run = run_python if request["language"] == "python" else run_shell
    runs, short = [], set()
    before = processes()
    start = time.monotonic()
    for wanted in list(request["runs"]):
        key = (wanted["file"], wanted["case"])
        if wanted["round"] > 1 and time.monotonic() - start > request["budget"] and key not in short:
            continue
        result = run(request, wanted["file"], request["cases"][wanted["case"]])
        if result.get("wall", SHORT) + result["import_cpu"] < SHORT:
            short.add(key)
        runs.append({**wanted, **result, "left": left_over(before)[:20]})
    json.dump({"runs": runs}, sys.stdout)


main()
