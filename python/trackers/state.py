"""What is known of one trial at one tracker: a JSON file, replaced as a whole, under a lock that ends with its process."""

from __future__ import annotations

import fcntl
import json
import os
from typing import Any

from story import Position

MOST_MARKS = 32


class Taken(Exception):
    """Another process sends this trial to this tracker."""


class State:
    """`marks`: positions at which rows had been handed over, the newest last; `own`: what the tracker itself wants to know again."""

    def __init__(self, path: str):
        self.path = path
        self.lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self.lock)
            raise Taken(path) from error
        found = self._read()
        self.is_done: bool = found.get("done", False)
        self.marks: list[dict[str, Any]] = found.get("marks", [])
        self.own: dict[str, Any] = found.get("own", {})

    def _read(self) -> dict[str, Any]:
        try:
            with open(self.path, encoding="utf-8") as file:
                return json.load(file)
        except (FileNotFoundError, ValueError):
            return {}

    def position(self, next_seq: int | None = None) -> Position:
        """The newest, or the newest that is not beyond row `next_seq`."""
        known = [mark for mark in self.marks if next_seq is None or mark["seq"] <= next_seq]
        return Position(**known[-1]) if known else Position()

    def save(self, position: Position | None = None) -> None:
        if position is not None and (not self.marks or self.marks[-1] != position.json()):
            self.marks = [*(mark for mark in self.marks if mark["seq"] < position.seq), position.json()][-MOST_MARKS:]
        part = f"{self.path}.tmp"
        with open(part, "w", encoding="utf-8") as file:
            json.dump({"version": 1, "done": self.is_done, "marks": self.marks, "own": self.own}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self.path)

    def close(self) -> None:
        os.close(self.lock)
