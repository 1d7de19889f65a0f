"""Answers as they come: a line a sample in a file that is only appended to, so that a job that was killed goes on where it was."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from asking import Answer, Question


class _Place(NamedTuple):
    file: Path
    offset: int
    digest: str


class Answers:
    """`path` is this run's own file, `earlier` those of runs before it, the newest first. Only places are kept in memory, not the answers."""

    def __init__(self, path: Path, earlier: Iterable[Path] = ()) -> None:
        self._path = path
        self._places: dict[tuple[int, int], _Place] = {}
        self._readers: dict[Path, BinaryIO] = {}
        for each in reversed([*earlier]):
            self._read(each)
        self._end = self._read(path)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        # A line that its writer was killed over.
        os.ftruncate(self._file, self._end)

    def has(self, question: Question) -> bool:
        found = self._places.get((question.dataset, question.index))
        return found is not None and found.digest == question.digest

    def keep(self, question: Question, answer: Answer) -> None:
        """The line is with the operating system when this returns: what kills the program does not lose it."""
        line = {"dataset": question.dataset, "sample": question.index, "asked": question.digest, **answer._asdict()}
        data = memoryview(json.dumps(line).encode() + b"\n")
        self._places[(question.dataset, question.index)] = _Place(self._path, self._end, question.digest)
        self._end += len(data)
        while data:
            data = data[os.write(self._file, data) :]

    def of(self, dataset: int, index: int) -> Answer | None:
        """The answer to a sample's question; None where there is none."""
        found = self._places.get((dataset, index))
        if found is None:
            return None
        if found.file not in self._readers:
            self._readers[found.file] = open(found.file, "rb")
        reader = self._readers[found.file]
        reader.seek(found.offset)
        line = json.loads(reader.readline())
        return Answer(**{name: line[name] for name in Answer._fields})

    def _read(self, path: Path) -> int:
        """Notes the answers of a file; returns where its last whole line ends."""
        end = 0
        if not path.exists():
            return end
        with open(path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                known = _parsed(line)
                if known is not None:
                    self._places[(known["dataset"], known["sample"])] = _Place(path, end, known["asked"])
                end += len(line)
        return end


def _parsed(line: bytes) -> dict[str, Any] | None:
    """None for what is no line of ours, as a disk that failed leaves it."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    names = {"dataset", "sample", "asked", *Answer._fields}
    return value if isinstance(value, dict) and names <= set(value) else None
