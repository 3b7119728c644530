"""The job's folder: `recipe.json` with every setting written out, and `order.jsonl`, the examples in their order."""
import hashlib
import json
import os
from pathlib import Path

from progress import WRONG_DATA, WRONG_MACHINE, WRONG_RECIPE, stop

COMMON = {
    "method", "parent", "adapter", "steps", "batch", "micro_batch", "processes", "rate", "schedule", "warmup", "weight_decay",
    "clip", "beta1", "beta2", "epsilon", "seed", "max_length", "dtype", "autocast", "gradient_checkpointing", "save_every",
    "threads", "lora", "chat_template", "order_sha256", "recipe_digest", "answer_tokens",
}
OWN = {
    "sft": {"truncated_at_most"},
    "dpo": {"beta", "truncated_at_most"},
    "grpo": {"beta", "rewards", "group", "max_tokens", "temperature"},
}


class Job:
    def __init__(self, folder: str):
        self.folder = Path(folder).resolve()
        self.state = self.folder / "state"
        self.out = self.folder / "out"
        self.recipe = json.loads((self.folder / "recipe.json").read_text())
        wanted = COMMON | OWN.get(self.recipe.get("method"), set())
        differing = sorted(wanted ^ set(self.recipe))
        if differing:
            stop(WRONG_RECIPE, f"recipe.json and this script differ in the key {differing[0]!r}",
                 "Use the script of the stemma that wrote the job.")
        self._check_world()

    def __getattr__(self, name):
        return self.recipe[name]

    def _check_world(self) -> None:
        world = int(os.environ.get("WORLD_SIZE", "1"))
        if world != self.processes:
            stop(WRONG_MACHINE, f"{world} processes were started, and the recipe asks for {self.processes}",
                 "Start as many as `processes` says: the sums of a step depend on their number.")

    def examples(self) -> list:
        """The examples in the order in which they are learnt from: the same after a resume."""
        data = (self.folder / "order.jsonl").read_bytes()
        if hashlib.sha256(data).hexdigest() != self.order_sha256:
            stop(WRONG_DATA, "order.jsonl is not the order that was planned",
                 "Remove the job's folder; stemma writes it again.")
        return [json.loads(line) for line in data.decode().splitlines()]
