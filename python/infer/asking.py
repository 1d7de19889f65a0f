"""The words between the program and the models that it asks."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol


class Question(NamedTuple):
    dataset: int
    index: int
    # Where the sample is, for messages: "a/d.jsonl, line 7".
    place: str
    messages: list[dict[str, Any]]

    @property
    def digest(self) -> str:
        """Tells whether an answer is to this very question."""
        text = json.dumps(self.messages, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Answer(NamedTuple):
    text: Any
    # Requests that it took.
    requests: int = 1
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    # What the server says that it costs.
    cost: float | None = None
    # Whether it ended at the limit of its length.
    cut: bool = False


class Failure(NamedTuple):
    """A sample that the model cannot answer, where such samples may be left out."""

    why: str


class GiveUp(Exception):
    """The model cannot go on; the message is for the user."""


Keep = Callable[[Question, Answer | Failure], None]


class Model(Protocol):
    # What the user should know of what was asked, and versions of its libraries.
    notes: list[str]
    versions: dict[str, str]

    def answer(self, questions: Iterator[Question], keep: Keep) -> None:
        """Answers all questions, in whatever order, and hands each answer to `keep` at once. Raises GiveUp."""


def in_batches(questions: Iterator[Question], size: int) -> Iterator[list[Question]]:
    """So many at a time, the rest at the end."""
    while batch := list(itertools.islice(questions, size)):
        yield batch


def shown(text: str, most: int = 300) -> str:
    """A text on one line, for a message."""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
