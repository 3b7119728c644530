"""What a training tells stemma: JSON lines on standard output. Whatever libraries print goes to standard error.

Exit codes: 0 done; 64 the recipe is wrong; 65 the data are; 66 the machine is (memory, disk, packages); 67 the training
went wrong; 75 stopped as asked, with the state saved: the same command goes on there.
"""
import json
import os

DONE, WRONG_RECIPE, WRONG_DATA, WRONG_MACHINE, WENT_WRONG, STOPPED = 0, 64, 65, 66, 67, 75

_own_output = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def is_first() -> bool:
    """Whether this is the process that speaks and saves for all of them."""
    return int(os.environ.get("RANK", "0")) == 0


def say(event: str, **members) -> None:
    if is_first():
        _own_output.write(json.dumps({"event": event, **members}) + "\n")


def warn(text: str) -> None:
    say("warning", text=text)


def stop(code: int, problem: str, remedy: str = "", **members) -> None:
    """Ends this process at once: nothing is saved, no library cleans up."""
    say("problem", code=code, problem=problem, remedy=remedy, **members)
    _own_output.flush()
    os._exit(code)
