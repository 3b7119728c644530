"""The saved states of a training. One counts only with a marker of stemma's own, which is written after all of it."""
import json
import math
import shutil
import signal

import torch

from progress import WENT_WRONG, WRONG_RECIPE, is_first, say, stop
from transformers import TrainerCallback

MARKER = "whole.json"


def last_state(job):
    """The newest whole state of this recipe; torn ones are removed. @returns None where there is none"""
    found = sorted(job.state.glob("checkpoint-*"), key=lambda path: -int(path.name.split("-")[1]))
    for folder in found:
        marker = folder / MARKER
        if not marker.exists():
            say("ignored", state=folder.name, why="it was not written to its end")
            if is_first():
                shutil.rmtree(folder, ignore_errors=True)
            continue
        written = json.loads(marker.read_text())
        if written["recipe"] != job.recipe_digest or written["world"] != job.processes:
            stop(WRONG_RECIPE, f"{folder} was saved by another recipe or another number of processes", f"Remove {job.state}.")
        return str(folder)
    return None


class Watch(TrainerCallback):
    """Tells of each step, saves when asked to stop, and stops at once where the loss is no number."""

    def __init__(self, job):
        self.job, self.stopping = job, []
        for each in (signal.SIGUSR1, signal.SIGTERM):
            signal.signal(each, lambda number, _: self.stopping.append(number))

    def on_log(self, args, state, control, logs=None, **_):
        value = (logs or {}).get("loss")
        if value is None:
            return
        value = float(value)
        if not math.isfinite(value) or not math.isfinite(float(logs.get("grad_norm", 0.0))):
            stop(WENT_WRONG, f"the loss or its gradient is not a finite number at step {state.global_step}; nothing of it was saved",
                 "Lower the rate, or train in float32.")
        watched = {key: float(logs[key]) for key in ("reward", "grad_norm", "entropy", "rewards/accuracies", "kl") if key in logs}
        say("step", step=state.global_step, steps=state.max_steps, loss=value, tokens=logs.get("num_tokens"), watched=watched)

    def on_step_end(self, args, state, control, **_):
        if self._any_stops():
            self.stopping.append(0)
            control.should_save = control.should_training_stop = True
        return control

    def _any_stops(self) -> bool:
        """All processes stop after the same step, whichever was asked first."""
        if self.job.processes == 1:
            return bool(self.stopping)
        asked = torch.tensor([len(self.stopping)], device="cuda" if torch.cuda.is_available() else "cpu")
        torch.distributed.all_reduce(asked)
        return bool(asked.item())

    def on_save(self, args, state, control, **_):
        if is_first():
            marker = self.job.state / f"checkpoint-{state.global_step}" / MARKER
            marker.write_text(json.dumps({"recipe": self.job.recipe_digest, "step": state.global_step, "world": self.job.processes}))
            say("saved", step=state.global_step)
