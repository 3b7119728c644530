"""
Runs programs on cases, each run in a fresh process, and times them from outside.

Reads a request as JSON on standard input:

    {"language": "python" | "shell", "worker": source of worker.py, "isolated": bool, "timeout": seconds,
     "cases": [...], "runs": [{"file", "case": index, "round": k}, ...], "budget": seconds}

Runs of round 1 are all made; those of later rounds as long as less than the budget has passed, and where round 1 was over in no
time: short runs are the ones that need repeating. Writes
{"runs": [...]}: of each run that was made its outcome, wall time of the work from outside, CPU time, answer, what was observed, lines
that the worker would not have written, and the processes that were still there after it.

Wall time is from sending the case to receiving the answer, CPU time is what the kernel says (wait4, less what was used until the
submission was imported). What an empty solve() takes for the same case is subtracted from both.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback

OWN = os.getpid()
TAIL = 2000
LONGEST_LINE = 64 << 20
MOST_UNEXPECTED = 20
EMPTY = "def solve(case):\n    return None\n"
# Seconds.
SHORT = 0.02


class TimeUp(Exception):
    pass


class Ended(Exception):
    pass


def read_line(pipe, rest, until):
    """The next line of a pipe, as bytes; what came after it stays in `rest`."""
    while b"\n" not in rest:
        ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeUp
        chunk = os.read(pipe, 1 << 20)
        if chunk == b"" or len(rest) > LONGEST_LINE:
            raise Ended
        rest += chunk
    line, _, after = bytes(rest).partition(b"\n")
    rest[:] = after
    return line


def note_unexpected(result, line):
    result["unexpected"].append(line[:200].decode("utf-8", "replace"))
    if len(result["unexpected"]) >= MOST_UNEXPECTED:
        raise Ended


def read_mark(pipe, rest, mark, result, until):
    """The next line with this mark. Every other line was written by somebody else than the worker: it is noted."""
    while True:
        line = read_line(pipe, rest, until)
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if isinstance(message, dict) and message.get("mark") == mark:
            return message
        note_unexpected(result, line)


def write_all(pipe, text, until):
    data = text.encode()
    os.set_blocking(pipe, False)
    while data:
        _, ready, _ = select.select([], [pipe], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeUp
        data = data[os.write(pipe, data):]


def has_json_form(value):
    """Whether a value that Python's parser read can be written as JSON: 1e999 and NaN can not."""
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    return True


def cpu_of(pid):
    """CPU seconds that a running process has used, with all its threads."""
    # The clock of another process, as clock_getcpuclockid() makes it.
    return time.clock_gettime((~pid << 3) | 2)


def converse(pid, to_worker, from_worker, case, result, until):
    rest = bytearray()
    read_mark(from_worker, rest, "started", result, until)
    started = cpu_of(pid)
    ready = read_mark(from_worker, rest, "ready", result, until)
    result["cpu_before"] = cpu_of(pid)
    result["import_cpu"] = result["cpu_before"] - started
    result["import_threads"] = ready["threads"] if type(ready.get("threads")) is int else 0
    start = time.perf_counter()
    write_all(to_worker, json.dumps(case) + "\n", until)
    answer = read_mark(from_worker, rest, "answer", result, until)
    result["wall"] = time.perf_counter() - start
    result["type"] = str(answer.get("type"))[:100]
    result["answer"], result["plain"] = answer.get("answer"), answer.get("plain") is True
    if not has_json_form(result["answer"]):
        result["answer"], result["plain"] = None, False
    write_all(to_worker, "observe\n", until)
    observed = read_mark(from_worker, rest, "observed", result, until).get("observed")
    result["observed"] = observed if has_json_form(observed) else None
    result["outcome"] = "answered"
    try:
        while True:
            note_unexpected(result, read_line(from_worker, rest, time.monotonic() + 0.2))
    except (TimeUp, Ended):
        pass


def tail(file):
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - TAIL))
    return file.read().decode("utf-8", "replace")


class Worker:
    """A process that runs a submission; its exit code (negative: a signal) and CPU seconds are known once it has ended."""

    def __init__(self, pid):
        self.pid, self.returncode, self.cpu = pid, None, None

    def poll(self, options=os.WNOHANG):
        if self.returncode is None:
            pid, status, usage = os.wait4(self.pid, options)
            if pid == self.pid:
                self.returncode = os.waitstatus_to_exitcode(status)
                self.cpu = usage.ru_utime + usage.ru_stime
        return self.returncode

    def finish(self, until):
        """Waits for the end, and kills the process where it does not come."""
        while self.poll() is None:
            if time.monotonic() > until:
                os.killpg(self.pid, signal.SIGKILL)
                return self.poll(0)
            time.sleep(0.001)
        return self.returncode


def spawn(request, file, pipes, theirs, printed, complained):
    """Another interpreter, which finds what stands in the folder: as the timing script's does."""
    process = subprocess.Popen(
        [sys.executable, "-B", "-c", request["worker"], os.path.abspath(file), os.getcwd(), *map(str, theirs)],
        stdin=subprocess.DEVNULL, stdout=printed, stderr=complained, pass_fds=theirs, start_new_session=True,
    )
    # It is waited for by wait4() below, and not by the library.
    process.returncode = 0
    return Worker(process.pid)


def fork(request, file, pipes, theirs, printed, complained):
    """A copy of this process, which has imported nothing of a submission's: as fresh as another interpreter, and far cheaper."""
    arguments = ["worker.py", os.path.abspath(file), os.getcwd(), *map(str, theirs)]
    code = request["compiled"]
    pid = os.fork()
    if pid != 0:
        return Worker(pid)
    status = 1
    try:
        os.setsid()
        for opened, number in ((open(os.devnull, "rb"), 0), (printed, 1), (complained, 2)):
            os.dup2(opened.fileno(), number)
        for ours in pipes:
            if ours not in theirs:
                os.close(ours)
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


def run_python(request, file, case):
    result = {"outcome": "ended", "import_cpu": 0.0, "unexpected": []}
    until = time.monotonic() + request["timeout"]
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    start = fork if request["isolated"] else spawn
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        worker = start(request, file, (in_read, in_write, out_read, out_write), (in_read, out_write), printed, complained)
        os.close(in_read)
        os.close(out_write)
        try:
            converse(worker.pid, in_write, out_read, case, result, until)
        except (TimeUp, Ended, OSError) as why:
            result["outcome"] = "time" if isinstance(why, TimeUp) else "ended"
        os.close(in_write)
        os.close(out_read)
        # A submission that answered is given a moment to end; one that ran out of time is not.
        result["exit"] = worker.finish(time.monotonic() + 2 if result["outcome"] != "time" else 0)
        result["cpu"] = max(0.0, worker.cpu - result.pop("cpu_before", 0.0))
        result["printed"], result["complained"] = tail(printed), tail(complained)
    return result


class Overhead:
    """What an empty solve() takes for a case: the way there and back, reading the case. The least of three runs, since noise only adds."""

    def __init__(self, request, folder):
        self.request, self.known = {**request, "isolated": True}, {}
        self.file = os.path.join(folder, "empty.py")
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(EMPTY)

    def of(self, index, case):
        if index not in self.known:
            made = [run_python({**self.request, "cases": [], "runs": []}, self.file, case) for _ in range(3)]
            self.known[index] = {part: min(run.get(part, 0.0) for run in made) for part in ("wall", "cpu")}
        return self.known[index]

    def take_off(self, index, case, result):
        if result["outcome"] == "answered":
            for part, seconds in self.of(index, case).items():
                result[part] = max(result[part] - seconds, 1e-6)


def run_shell(request, file, case):
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as written, tempfile.TemporaryFile() as complained:
        given.write(case.encode())
        given.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(
            ["sh", file], stdin=given, stdout=written, stderr=complained, start_new_session=True
        )
        process.returncode = 0
        worker = Worker(process.pid)
        until = time.monotonic() + request["timeout"]
        code = worker.finish(until)
        wall = time.perf_counter() - start
        written.seek(0)
        answer = written.read(1 << 22).decode("utf-8", "replace")
        outcome = "time" if time.monotonic() > until else "answered" if code == 0 else "ended"
        return {
            "outcome": outcome, "wall": wall, "exit": code, "printed": "", "complained": tail(complained),
            "cpu": worker.cpu,
            "plain": True, "type": "str", "answer": answer if outcome == "answered" else None, "import_cpu": 0.0,
            "import_threads": 0, "unexpected": [],
            "observed": {"opened": [], "started": [], "stack": [], "patched": [], "hooks": [], "modules": [], "threads": 0},
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
    python = request["language"] == "python"
    runs, short = [], set()
    before = processes()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        overhead = Overhead(request, folder) if python else None
        for wanted in list(request["runs"]):
            key = (wanted["file"], wanted["case"])
            if wanted["round"] > 1 and time.monotonic() - start > request["budget"] and key not in short:
                continue
            case = request["cases"][wanted["case"]]
            if python:
                result = run_python(request, wanted["file"], case)
                overhead.take_off(wanted["case"], case, result)
            else:
                result = run_shell(request, wanted["file"], case)
            if result.get("wall", SHORT) + result["import_cpu"] < SHORT:
                short.add(key)
            runs.append({**wanted, **result, "left": left_over(before)[:20]})
    json.dump({"runs": runs}, sys.stdout)


main()
