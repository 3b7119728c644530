"""Whether this Python has what a training needs. Nothing that may be missing is imported here."""
from importlib.metadata import PackageNotFoundError, version

from progress import WRONG_MACHINE, stop


def check_packages(wanted: dict) -> dict:
    """@param wanted the oldest version of each package @returns the versions that are there"""
    found = {}
    for name, oldest in wanted.items():
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            stop(WRONG_MACHINE, f"the Python package {name} is not installed",
                 "pip install " + " ".join(f"'{each}>={least}'" for each, least in wanted.items()))
        if _numbers(found[name]) < _numbers(oldest):
            stop(WRONG_MACHINE, f"{name} {found[name]} is too old: {oldest} or newer is needed", f"pip install -U '{name}>={oldest}'")
    return found


def _numbers(version: str) -> tuple:
    digits = "".join(c if c.isdigit() or c == "." else " " for c in version).split(" ")[0]
    return tuple(int(part) for part in digits.split(".") if part)
