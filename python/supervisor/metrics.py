"""metrics.jsonl: one JSON object a line, each line written once. The supervisor is its only writer."""

from __future__ import annotations

import json
import os
from typing import Any

TAIL = 64 << 10


class MetricsFile:
    """Opened for appending; what an earlier supervisor's death or another's hand left of a last line is cut off."""

    def __init__(self, path: str):
        self.path = path
        self.file: int | None = None
        self.tail: list[dict[str, Any]] = []
        self.repair()

    @property
    def last(self) -> dict[str, Any]:
        """The last line that was there when the file was last repaired."""
        return self.tail[-1] if self.tail else {}

    def append(self, lines: list[dict[str, Any]]) -> None:
        data = memoryview("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode())
        self.size += len(data)
        while data:
            data = data[os.write(self.file, data) :]

    def was_cut(self) -> bool:
        """Whether someone removed or shortened it."""
        found = os.fstat(self.file)
        return found.st_nlink == 0 or (found.st_size < self.size)

    def repair(self) -> None:
        """Keeps what ends with a whole line of ours; `tail` is the end of it."""
        if self.file is not None:
            os.close(self.file)
        self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        end = os.lseek(self.file, 0, os.SEEK_END)
        while end > 0:
            start = max(0, end - TAIL)
            data = os.pread(self.file, end - start, start)
            # Of the first line there only the end may have been read.
            first = 0 if start == 0 else data.find(b"\n") + 1
            whole = data[first : data.rfind(b"\n") + 1]
            kept = whole.splitlines(keepends=True)
            while kept and not _is_ours(kept[-1]):
                kept.pop()
            if kept:
                end = start + first + sum(map(len, kept))
                self.tail = [json.loads(line) for line in kept if _is_ours(line)]
                break
            end = start
        else:
            self.tail = []
        self.size = end
        if os.fstat(self.file).st_size != end:
            os.ftruncate(self.file, end)


def _is_ours(line: bytes) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and isinstance(value.get("segment"), int) and isinstance(value.get("offset"), int)
