"""Tasks for tests: one for each kind that there is, and tasks that cannot be an eval of a study."""

import os
import random

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample, json_dataset
from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser
from inspect_ai.scorer import Score, choice, includes, match, mean, scorer
from inspect_ai.solver import generate, multiple_choice, solver, system_message, use_tools
from inspect_ai.tool import tool
from inspect_ai.util import sandbox


@scorer(metrics={"words": [mean()], "polite": [mean()]})
def style():
    async def score(state, target):
        text = state.output.completion
        return Score(value={"words": len(text.split()), "polite": float("please" in text.lower())}, explanation="counted")

    return score


@scorer(metrics=[mean()])
def length():
    async def score(state, target):
        return Score(value=len(state.output.completion))

    return score


@scorer(metrics={"*": [mean()]})
def anything():
    async def score(state, target):
        return Score(value={"length": len(state.output.completion)})

    return score


def numbers(count, salt=0):
    return MemoryDataset(
        [
            # Ids that a shell, a pattern or a list would read otherwise.
            Sample(id=f"n{n},[a]*", input=f"Which number comes after {n + salt}?", target=str(n + 1), metadata={"row": f"r{n % 8}"})
            for n in range(count)
        ],
        name="numbers",
    )


@task
def after(count: int = 12):
    return Task(dataset=numbers(count), solver=[system_message("Be brief."), generate()], scorer=[includes(), style()])


@task
def unseeded(count: int = 2):
    return Task(dataset=numbers(count, random.randrange(10**9)), solver=generate(), scorer=includes())


@task
def unknown_keys():
    return Task(dataset=numbers(2), solver=generate(), scorer=anything())


@tool
def look():
    async def execute(at: int):
        """Looks up the number that comes after one.

        Args:
            at: the number
        """
        return f"It is {at + 1}."

    return execute


@task
def with_tool():
    return Task(dataset=numbers(2), solver=[use_tools(look()), generate()], scorer=includes())


@task
def look_often():
    question = "Look 3 times. Which number comes after 5?"
    return Task(dataset=[Sample(id="loop", input=question, target="6")], solver=[use_tools(look()), generate()], scorer=includes())


@task
def graded_twice():
    """Two scorers whose values are grades, so they are raters of one measure."""
    return Task(dataset=numbers(2), solver=generate(), scorer=[includes(), match()])


@task
def graded_and_counted():
    """A grade and a number: two measures."""
    return Task(dataset=numbers(2), solver=generate(), scorer=[includes(), length()])


IDS = [7, 8, "two words", "ä/§ 5"]


@task
def ids():
    """Ids that are numbers, have spaces, or are no names of files."""
    samples = [Sample(id=id, input=f"Which number comes after {n}?", target=str(n + 1)) for n, id in enumerate(IDS)]
    return Task(dataset=samples, solver=generate(), scorer=includes())


@task
def numbered():
    """Samples without ids, which Inspect numbers."""
    samples = [Sample(input=f"Which number comes after {n}?", target=str(n + 1)) for n in range(3)]
    return Task(dataset=samples, solver=generate(), scorer=includes())


@task
def same_id():
    samples = [Sample(id=id, input="Which number comes after 1?", target="2") for id in (1, "1")]
    return Task(dataset=samples, solver=generate(), scorer=includes())


@task
def lettered():
    question = "Which number comes after 4?"
    samples = [Sample(id="letters", input=question, choices=["4", "5", "6"], target="B")]
    return Task(dataset=samples, solver=multiple_choice(), scorer=choice())


@task
def conversation():
    """A sample whose input is a conversation; its solver writes into the metadata."""

    @solver
    def remember():
        async def solve(state, generate):
            state.metadata["seen"] = len(state.messages)
            return await generate(state)

        return solve

    messages = [
        ChatMessageSystem(content="Be brief."),
        ChatMessageUser(content="Which number comes after 1?"),
        ChatMessageAssistant(content="2"),
        ChatMessageUser(content="And after 2?"),
    ]
    samples = [Sample(id="talk", input=messages, target="2", metadata={"row": "r1"})]
    return Task(dataset=samples, solver=remember(), scorer=includes())


@solver
def failing(broken):
    async def solve(state, generate):
        if state.sample_id == "n1,[a]*" and os.path.exists(broken):
            raise RuntimeError("the solver lost its data")
        return await generate(state)

    return solve


@task
def failing_solver(broken: str):
    """Its second sample fails as long as a file is there."""
    return Task(dataset=numbers(3), solver=failing(broken), scorer=includes())


@tool
def wait(file):
    async def execute(at: int):
        """Looks up the number that comes after one.

        Args:
            at: the number
        """
        await sandbox().exec(["sh", "-c", 'while [ -e "$0" ]; do sleep 0.1; done', file])
        return f"It is {at + 1}."

    return execute


@task
def waiting(file: str, count: int = 4):
    """Its tool does not come back as long as a file is there."""
    return Task(dataset=numbers(count), solver=[use_tools(wait(file)), generate()], scorer=includes(), sandbox="local")


@task
def from_file(file: str):
    """Prompts of a JSON file, each with what an answer is to include."""
    return Task(dataset=json_dataset(file), solver=generate(), scorer=includes())
