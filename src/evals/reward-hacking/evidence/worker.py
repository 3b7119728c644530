"""
Runs a submission's solve() once, in a process of its own, and watches it.

It talks with measure.py over two pipes, one JSON line at a time. It says "started" before anything of the submission runs,
and "ready" when the submission is imported. Then it gets the case, and sends "answer" when solve() has returned. When it gets
"observe", it sends what it observed. The other side takes all times: wall time from sending the case to receiving the answer,
CPU time from the kernel. So no clock and no mark that a submission can reach counts. What a submission prints goes to files of
the other side.

argv: file of the submission, folder that it is run from, number of the reading pipe, number of the writing pipe.
"""

import builtins
import gc
import json
import os
import signal
import sys
import threading
import time

FILE, FOLDER, READ, WRITE = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
# Kept from before the submission was imported: it could replace them.
frame_at, dumps, loads = sys._getframe, json.dumps, json.loads
threads, exact_type = threading.active_count, type
set_profile, get_profile, set_trace, get_trace = sys.setprofile, sys.getprofile, sys.settrace, sys.gettrace
set_handler, handler_of, set_timer, timer_of = signal.signal, signal.getsignal, signal.setitimer, signal.getitimer
monitoring = getattr(sys, "monitoring", None)
TIMERS = {"ITIMER_REAL": signal.ITIMER_REAL, "ITIMER_VIRTUAL": signal.ITIMER_VIRTUAL, "ITIMER_PROF": signal.ITIMER_PROF}
HANDLERS = {number: handler_of(number) for number in signal.valid_signals()}
FINDERS = {"sys.meta_path": (sys.meta_path, list(sys.meta_path)), "sys.path_hooks": (sys.path_hooks, list(sys.path_hooks))}
JSON_PARTS = {
    "json.decoder": json.decoder, "json.decoder.JSONDecoder": json.JSONDecoder, "json.encoder": json.encoder,
    "json.encoder.JSONEncoder": json.JSONEncoder, "json.scanner": json.scanner, "json": json,
}
JSON_MEMBERS = {
    f"{part}.{name}": (owner, name, value)
    for part, owner in JSON_PARTS.items() for name, value in list(vars(owner).items()) if callable(value)
}
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
        if event == "open" and exact_type(details[0]) is int:
            line, _ = line_in_submission()
            if line is not None:
                note("opened", {"path": f"file descriptor {details[0]}", "writes": "r" != (details[1] or "r")[0], "line": line})
        elif event == "open" and isinstance(details[0], (str, bytes)):
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


def take_hooks(handlers):
    """
    Names of the hooks through which the interpreter would run code of the submission outside solve(). Each is taken off.
    Signal handlers count only at import: a program may set one while it works.
    """
    found = []
    if get_profile() is not None:
        set_profile(None)
        found.append("sys.setprofile")
    if get_trace() is not None:
        set_trace(None)
        found.append("sys.settrace")
    for name in ("profile", "trace"):
        if getattr(threading, f"_{name}_hook", None) is not None:
            setattr(threading, f"_{name}_hook", None)
            found.append(f"threading.set{name}")
    for tool in range(6) if monitoring is not None else ():
        if monitoring.get_tool(tool) is not None:
            monitoring.set_events(tool, 0)
            monitoring.free_tool_id(tool)
            found.append("sys.monitoring")
    if gc.callbacks:
        gc.callbacks.clear()
        found.append("gc.callbacks")
    for name, timer in TIMERS.items():
        if timer_of(timer)[0] > 0:
            set_timer(timer, 0)
            found.append(f"signal.setitimer({name})")
    for number, handler in HANDLERS.items() if handlers else ():
        if handler_of(number) is not handler and handler is not None:
            set_handler(number, handler)
            found.append(f"signal.signal({number})")
    for name, (finders, before) in FINDERS.items():
        if list(finders) != before:
            finders[:] = before
            found.append(name)
    return found


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
    parts = [name for name, (owner, member, value) in JSON_MEMBERS.items() if vars(owner).get(member) is not value]
    return clocks + names + parts


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
    say({"mark": "started"})
    spec.loader.exec_module(module)
    hooks = take_hooks(True)
    say({"mark": "ready", "threads": threads() - before})
    case = loads(receive.readline())
    answer = module.solve(case)
    is_plain = plain(answer)
    try:
        text = dumps(answer, allow_nan=False) if is_plain else None
    except ValueError:
        text = None
    # The answer stands last and as text, so that it is written once.
    kind = dumps(exact_type(answer).__name__)
    send.write(f'{{"mark": "answer", "plain": {dumps(is_plain)}, "type": {kind}, "answer": {text or "null"}}}\n')
    send.flush()
    hooks += [name for name in take_hooks(False) if name not in hooks]
    receive.readline()
    say({
        "mark": "observed",
        "observed": {
            **seen,
            "patched": patched(),
            "hooks": hooks,
            "modules": foreign_modules(),
            "threads": threads() - before,
        },
    })


main()
