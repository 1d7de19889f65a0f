"""Rows of a job's metrics.jsonl files as they grow, each step once."""

from __future__ import annotations

import json
import os
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from names import number_of

BOOKKEEPING = {"t", "segment", "offset", "from", "step", "total"}
CHUNK = 1 << 20
EPOCH = re.compile(r"epoch-(\d+)")


@dataclass
class Row:
    """What is logged together. `step`: of the training, or the iteration for results; `seq`: place among all rows of the trial, from 0."""

    t: float
    prefix: str
    step: int
    values: dict[str, float]
    seq: int = -1


@dataclass
class Grows:
    """One metrics.jsonl; a run that began anew has another file, which tells again of what came before its checkpoint."""

    path: str
    inode: int = -1
    offset: int = 0
    pending: Row | None = None
    buffer: deque[Row] = field(default_factory=deque)


class MetricsFiles:
    """`steps`: last step sent, by file; it outlives this object and whatever the job is run again for."""

    def __init__(self, folder: str, name: str, key: str, steps: dict[str, int]):
        self.folder, self.name, self.key, self.steps = folder, name, key, steps
        self.files: dict[str, Grows] = {}

    def read(self, limit: int, ended: bool) -> list[Row]:
        """At most `limit` rows that are new. A step is whole when a later one has begun or the job has `ended`."""
        rows: list[Row] = []
        for place, name in self._places():
            if len(rows) < limit:
                rows += self._read(place, name, limit - len(rows), ended)
        return rows

    def _places(self) -> list[tuple[str, str]]:
        """Folders of programs below the job's newest run, and of its parts' newest runs; beside each what its metrics' names begin with."""
        found = []
        for within, name in [("", self.name), *((f"parts/{part}", f"{self.name}.{part}") for part in _names(f"{self.folder}/parts"))]:
            top = os.path.join(self.folder, within)
            epochs = sorted((int(match[1]) for match in map(EPOCH.fullmatch, _names(top)) if match), reverse=True)
            if not epochs:
                continue
            run = os.path.join(within, f"epoch-{epochs[0]}")
            found.append((within, run, name))
            programs = [each for each in _names(os.path.join(self.folder, run)) if re.fullmatch(r"program-\d+", each)]
            found += [(os.path.join(within, each), os.path.join(run, each), f"{name}.{each}") for each in programs]
        self.runs = {place: run for place, run, _ in found}
        return [(place, name) for place, _, name in found]

    def _read(self, place: str, name: str, limit: int, ended: bool) -> list[Row]:
        path = os.path.join(self.folder, self.runs[place], "metrics.jsonl")
        grows = self.files.get(place)
        if grows is None or grows.path != path:
            grows = self.files[place] = Grows(path)
        rows, key = [], f"{self.key}/{place}"
        while len(rows) < limit:
            if not grows.buffer and not self._fill(grows, name, ended):
                break
            row = grows.buffer.popleft() if grows.buffer else None
            if row is not None and row.step > self.steps.get(key, -1):
                self.steps[key] = row.step
                rows.append(row)
        return rows

    def _fill(self, grows: Grows, name: str, ended: bool) -> bool:
        """Reads on; false: there is no more for now."""
        try:
            file = open(grows.path, "rb")
        except FileNotFoundError:
            return False
        with file:
            found = os.fstat(file.fileno())
            if found.st_ino != grows.inode or found.st_size < grows.offset:
                grows.inode, grows.offset, grows.pending = found.st_ino, 0, None
            file.seek(grows.offset)
            data = file.read(CHUNK)
        # The offset stays at the end of a whole line, so that an unfinished one is read again when it is whole.
        whole = data.rfind(b"\n") + 1
        grows.offset += whole
        for line in data[:whole].splitlines():
            _take(grows, name, line)
        if whole == 0 and ended and grows.pending:
            grows.buffer.append(grows.pending)
            grows.pending = None
            return True
        return whole > 0


def _take(grows: Grows, name: str, text: bytes) -> None:
    try:
        line: dict[str, Any] = json.loads(text)
        t, step = float(line["t"]), line.get("step")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    # A segment that goes on from an earlier step: later ones are told again.
    if "from" in line:
        grows.buffer += [grows.pending] if grows.pending else []
        grows.pending = None
    values = {key: number for key, value in line.items() if key not in BOOKKEEPING and (number := number_of(value)) is not None}
    if isinstance(step, int) and not isinstance(step, bool) and (grows.pending is None or step != grows.pending.step):
        grows.buffer += [grows.pending] if grows.pending else []
        grows.pending = Row(t, name, step, {})
    # What a line without a step says is of the step before it.
    if grows.pending is not None:
        grows.pending.values.update(values)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder), key=lambda name: (len(name), name))
    except (FileNotFoundError, NotADirectoryError):
        return []
