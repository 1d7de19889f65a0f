"""Files that another process reads while they are written."""

from __future__ import annotations

import json
import os
from typing import Any


def write_json(path: str, value: Any) -> None:
    """Replaces the file in one step; it is on the disk before it is seen."""
    fresh = f"{path}.{os.getpid()}.tmp"
    with open(fresh, "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def read_json(path: str) -> Any:
    """The file's value; None where there is no such file or it is not JSON."""
    try:
        with open(path) as file:
            return json.load(file)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def remove(path: str) -> None:
    """Removes a file that may be gone already."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


class MetricsFile:
    """metrics.jsonl: one JSON object a line, each line written once. The supervisor is its only writer."""

    def __init__(self, path: str):
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self.last = self._repair()

    def append(self, lines: list[dict[str, Any]]) -> None:
        data = memoryview("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode())
        while data:
            data = data[os.write(self.file, data) :]

    def _repair(self) -> dict[str, Any]:
        """Cuts off a line that an earlier supervisor's death left unfinished; returns the last whole one."""
        size = os.lseek(self.file, 0, os.SEEK_END)
        if size == 0:
            return {}
        start, tail = size, b""
        while start > 0 and tail.count(b"\n") < 2:
            start = max(0, start - 65536)
            tail = os.pread(self.file, size - start, start)
        whole = tail.rfind(b"\n") + 1
        os.ftruncate(self.file, start + whole)
        os.lseek(self.file, start + whole, os.SEEK_SET)
        lines = tail[:whole].splitlines()
        return json.loads(lines[-1]) if lines else {}
