"""Writes logs with the Inspect that is installed, for tests: everything that stemma must read, with a mock model.

    python write_logs.py FOLDER

FOLDER/zoo: two finished logs (zstd). FOLDER/chunked: the first of them in chunks. FOLDER/json: the first as JSON.
FOLDER/cancelled, FOLDER/crashed: one unfinished log each.
"""

import os
import signal
import subprocess
import sys

from inspect_ai import Epochs, Task, eval, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import convert_eval_logs
from inspect_ai.log._recorders.chunked import convert_eval_logs_to_chunked
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.scorer import Score, accuracy, includes, mean, scorer
from inspect_ai.solver import solver, system_message
from inspect_ai.tool import ToolCall


@scorer(metrics={"*": [mean()]})
def dimensions():
    async def score(state, target):
        n = int(state.sample_id)
        value = {"concerning": n % 10 + 1, "admirable": 0 if n % 2 else 5, "overrefusal": 1}
        return Score(value=value, explanation=f"because of {n}", metadata={"k": n})

    return score


@scorer(metrics=[mean()])
def unscored():
    async def score(state, target):
        if int(state.sample_id) % 2:
            return Score.unscored(reason="grader_failed", explanation="the judge said nothing")
        return Score(value=0.25)

    return score


@scorer(metrics=[accuracy()])
def grade():
    async def score(state, target):
        return Score(value="CIPN"[int(state.sample_id) % 4], answer="x")

    return score


@scorer(metrics=[])
def places():
    async def score(state, target):
        return Score(value=[1, 0.5, True, "no"])

    return score


@scorer(metrics=[])
def words():
    async def score(state, target):
        return Score(value={"word": "perhaps", "number": "2.5", "flag": False, "none": None})

    return score


@solver
def answer(stop_at: int = 0, how: str = ""):
    async def solve(state, generate):
        n = int(state.sample_id)
        if n == stop_at and how == "crash":
            os._exit(9)
        if n == stop_at and how == "cancel":
            os.kill(os.getpid(), signal.SIGINT)
        if n == 4:
            raise ValueError("the solver failed on purpose")
        return await generate(state)

    return solve


@task
def zoo(checkpoint: str = "a", samples: int = 8, stop_at: int = 0, how: str = ""):
    dataset = [
        Sample(
            id=n,
            input=("A long text. " * 100 + f"Question {n}?")
            if n % 2
            else [ChatMessageSystem(content="Be brief."), ChatMessageUser(content=f"Grüß dich \U0001f600 {n}")],
            target=["yes", "Yes"] if n == 3 else "Yes",
            choices=["one", "two"] if n == 2 else None,
            metadata={"theme": f"t{n % 3}", "nested": {"x": float("nan"), "deep": {"y": n}}},
        )
        for n in range(1, samples + 1)
    ]
    return Task(
        dataset=MemoryDataset(dataset, name="zoo"),
        solver=[system_message("Be good."), answer(stop_at, how)],
        scorer=[dimensions(), unscored(), grade(), places(), words(), includes()],
        epochs=Epochs(2),
        fail_on_error=False,
        config=GenerateConfig(temperature=0.5, seed=3),
    )


def outputs(checkpoint: str, many: int = 100):
    for n in range(many):
        output = ModelOutput.from_content("mockllm/model", "")
        content = [
            ContentReasoning(reasoning=f"thinking of {n}", signature="s"),
            ContentReasoning(reasoning="secret", redacted=True, summary="a summary"),
            ContentText(text=f"Yes, says {checkpoint}."),
            ContentText(text="A second part. " * (200 if n % 3 == 0 else 1)),
        ]
        calls = [ToolCall(id=f"c{n}", function="look", arguments={"at": [n, "ü"]})] if n % 5 == 4 else None
        output.choices[0].message = ChatMessageAssistant(content=content, tool_calls=calls)
        output.usage = ModelUsage(input_tokens=10 + n, output_tokens=n, total_tokens=10 + 2 * n, reasoning_tokens=2)
        yield output


def run(folder: str, checkpoint: str, **more):
    [log] = eval(
        zoo(checkpoint=checkpoint, **more),
        model=get_model("mockllm/model", custom_outputs=list(outputs(checkpoint)), memoize=False),
        log_dir=folder,
        log_buffer=1,
        max_samples=1,
        display="none",
        tags=[f"stage:{checkpoint}", "other"],
        metadata={"who": checkpoint},
    )
    return log


def main(folder: str, how: str = "") -> None:
    if how != "":
        run(os.path.join(folder, how + "ed" if how == "crash" else how + "led"), how, stop_at=6, how=how)
        return
    first = run(os.path.join(folder, "zoo"), "a")
    run(os.path.join(folder, "zoo"), "b")
    convert_eval_logs_to_chunked(first.location, os.path.join(folder, "chunked"), chunk_size=2, attachments_chunk_bytes=2000)
    convert_eval_logs(first.location, "json", os.path.join(folder, "json"))
    for way in ("cancel", "crash"):
        subprocess.run([sys.executable, __file__, folder, way], check=False, capture_output=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
