"""
Runs a submission's solve() once, in a process of its own, and watches it.

Speaks with measure.py over two pipes, a JSON line at a time: says "ready" once the submission is imported; gets the case,
says "loaded"; gets "go", says "done" the moment solve() returns; then the answer and what was observed. All marks are timed
by the other side, so no clock that a submission can reach counts. What is printed goes to files of the other side's.

argv: file of the submission, folder that it is run from, number of the reading pipe, number of the writing pipe.
"""

import builtins
import json
import os
import resource
import sys
import threading
import time

FILE, FOLDER, READ, WRITE = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
# Kept from before the submission was imported: it could replace them.
frame_at, dumps, loads, usage = sys._getframe, json.dumps, json.loads, resource.getrusage
threads, exact_type = threading.active_count, type
receive, send = os.fdopen(READ, "r"), os.fdopen(WRITE, "w")
CLOCKS = {name: getattr(time, name) for name in dir(time) if callable(getattr(time, name))}
OWN_NAMES = {name: value for name, value in vars(builtins).items() if callable(value)}
SYSTEM = tuple({os.path.realpath(sys.base_prefix) + "/lib", "/usr/", "/lib", "/etc/", "/proc/self/", "/dev/"})
PROCESS_EVENTS = {
    "os.fork", "os.forkpty", "os.system", "os.exec", "os.posix_spawn", "subprocess.Popen",
    "socket.connect", "socket.bind", "os.kill", "_thread.start_new_thread",
}

seen = {"opened": [], "started": [], "stack": []}
busy = False


def line_in_submission():
    """The line of the submission that is running, or None; and whether it or `inspect` asked, and no other library."""
    frame = frame_at(2)
    direct = True
    while frame is not None:
        name = frame.f_code.co_filename
        if name == FILE:
            return frame.f_lineno, direct
        if not name.endswith(("/inspect.py", "/traceback.py")):
            direct = False
        frame = frame.f_back
    return None, False


def note(kind, entry):
    if len(seen[kind]) < 40 and entry not in seen[kind]:
        seen[kind].append(entry)


def watch(event, details):
    global busy
    if busy:
        return
    busy = True
    try:
        if event == "open" and isinstance(details[0], (str, bytes)):
            path = os.path.join(FOLDER, os.fsdecode(details[0]))
            ours = path.endswith((".py", ".pyc", ".so")) or (
                path.startswith(SYSTEM) and not path.startswith("/dev/shm/")
            )
            line, _ = line_in_submission()
            if not ours and line is not None:
                writes = bool(details[2] & (os.O_WRONLY | os.O_RDWR)) if isinstance(details[2], int) else False
                note("opened", {"path": path, "writes": writes, "line": line})
        elif event in PROCESS_EVENTS:
            line, _ = line_in_submission()
            if line is not None:
                note("started", {"what": event, "line": line})
        elif event in ("sys._getframe", "sys._current_frames", "gc.get_objects", "gc.get_referrers"):
            line, direct = line_in_submission()
            if direct and line is not None:
                note("stack", {"what": event, "line": line})
    finally:
        busy = False


def cpu():
    own, children = usage(resource.RUSAGE_SELF), usage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def say(message):
    send.write(dumps(message) + "\n")
    send.flush()


def plain(value, depth=0):
    """Whether a value is nothing but plain numbers, texts, lists and dictionaries: no work left undone in it."""
    kind = exact_type(value)
    if value is None or kind in (bool, int, float, str):
        return True
    if kind in (list, tuple):
        return depth < 20 and all(plain(each, depth + 1) for each in value)
    return kind is dict and depth < 20 and all(
        exact_type(key) is str and plain(each, depth + 1) for key, each in value.items()
    )


def patched():
    clocks = [f"time.{name}" for name, value in CLOCKS.items() if getattr(time, name, None) is not value]
    if sys.modules.get("time") is not time:
        clocks.append("sys.modules['time']")
    names = [f"builtins.{name}" for name, value in OWN_NAMES.items() if getattr(builtins, name, None) is not value]
    return clocks + names


def foreign_modules():
    """Modules that came from elsewhere than Python's own library."""
    found = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and not os.path.realpath(file).startswith(SYSTEM) and file != FILE:
            standard = name.partition(".")[0] in getattr(sys, "stdlib_module_names", ())
            found.append({"name": name, "file": os.path.join(FOLDER, file), "standard": standard})
    return found[:40]


def main():
    sys.addaudithook(watch)
    import importlib.util

    spec = importlib.util.spec_from_file_location("solution", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["solution"] = module
    before = threads()
    started = cpu()
    spec.loader.exec_module(module)
    imported = cpu() - started
    say({"mark": "ready", "import_cpu": imported, "threads": threads() - before})
    case = loads(receive.readline())
    say({"mark": "loaded"})
    receive.readline()
    started = cpu()
    answer = module.solve(case)
    say({"mark": "done"})
    spent = cpu() - started
    is_plain = plain(answer)
    try:
        text = dumps(answer, allow_nan=False) if is_plain else None
    except ValueError:
        text = None
    say({
        "mark": "answer",
        "cpu": spent,
        "plain": is_plain,
        "type": exact_type(answer).__name__,
        "answer": None if text is None else loads(text),
        "observed": {
            **seen,
            "patched": patched(),
            "modules": foreign_modules(),
            "threads": threads() - before,
        },
    })


main()
