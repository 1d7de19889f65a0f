"""
Checkpoints of programs that write no complete.json: found by their names, and made into complete ones beside them.

A program is taken to save between two steps, so that a checkpoint of step s is whole once its log tells a step after s. What an earlier
segment left is never taken: it may be torn.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from typing import Any

from checkpoints import CHUNK, COMPLETE, VERSION
from patterns import to_python

# Of each file: name, bytes, time of its last change, inode.
Mark = tuple[tuple[str, int, int, int], ...]


class Sealer:
    """`furthest` is the step that the log has told last. Used by one thread at a time."""

    def __init__(self, spec: dict[str, Any], furthest: Callable[[], int | None], note: Callable[[str], None]):
        self.source, self.target, self.run = spec["seal"]["from"], spec["dir"], spec.get("run")
        self.pattern = re.compile(to_python(spec["seal"]["pattern"]), re.ASCII)
        self.furthest, self.note = furthest, note
        self.done = {name: _mark(path) for _, name, path in self._found()}
        self.looked: dict[str, Mark] = {}
        self.whole: list[tuple[int, str, str]] = []
        self._failed: str | None = None

    def look(self) -> bool:
        """Whether there is one to seal. While the program runs only what has not changed since the last look is taken for whole."""
        self.whole = self._due(ended=False)
        return bool(self.whole)

    def seal(self, ended: bool) -> None:
        """Makes target/checkpoint-<step> of each that is whole, by hard links where the file system has them; of all where the program has ended."""
        whole, self.whole = self._due(ended) if ended else self.whole, []
        for step, name, path in whole:
            try:
                self._seal_one(step, name, path)
            except OSError as error:
                if self._failed != name:
                    self.note(f"{name} cannot be sealed: {error.strerror}: {error.filename}")
                self._failed = name

    def _due(self, ended: bool) -> list[tuple[int, str, str]]:
        furthest, due = self.furthest() or 0, []
        for step, name, path in self._found():
            mark = _mark(path)
            settled = ended or self.looked.get(name) == mark
            self.looked[name] = mark
            if mark and mark != self.done.get(name) and step < furthest and settled:
                due.append((step, name, path))
        return sorted(due)

    def _found(self) -> list[tuple[int, str, str]]:
        try:
            names = os.listdir(self.source)
        except OSError:
            return []
        matches = [(self.pattern.fullmatch(name), name) for name in names]
        return [(int(match["step"]), name, os.path.join(self.source, name)) for match, name in matches if match and match["step"]]

    def _seal_one(self, step: int, name: str, path: str) -> None:
        part = os.path.join(self.target, ".sealing")
        shutil.rmtree(part, ignore_errors=True)
        os.makedirs(part)
        files = {}
        for file in _files(path):
            inside = os.path.relpath(file, path) if os.path.isdir(path) else name
            files[inside] = _take(file, os.path.join(part, inside))
        record: dict[str, Any] = {"version": VERSION, "step": step, "files": files}
        if self.run is not None:
            record["run"] = self.run
        if not os.path.isdir(path):
            record["entry"] = name
        with open(os.path.join(part, COMPLETE), "w") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        mark = _mark(path)
        if mark != self.looked[name]:
            shutil.rmtree(part)
            return
        sealed = os.path.join(self.target, f"checkpoint-{step}")
        if os.path.lexists(sealed):
            # First, so that one that is half removed is not taken for complete.
            os.unlink(os.path.join(sealed, COMPLETE))
            shutil.rmtree(sealed)
        os.rename(part, sealed)
        self.done[name] = mark


def _take(file: str, to: str) -> dict[str, Any]:
    """Size and hash of a file that is now at `to` as well."""
    os.makedirs(os.path.dirname(to), exist_ok=True)
    real = os.path.realpath(file)
    try:
        os.link(real, to)
    except OSError:
        shutil.copyfile(real, to)
    digest, size = hashlib.sha256(), 0
    with open(to, "rb", buffering=0) as taken:
        while chunk := taken.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
        os.fsync(taken.fileno())
    return {"bytes": size, "sha256": digest.hexdigest()}


def _files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    found = [os.path.join(folder, name) for folder, _, names in os.walk(path, followlinks=True) for name in names]
    return sorted(file for file in found if os.path.relpath(file, path) != COMPLETE)


def _mark(path: str) -> Mark:
    """Tells one writing from the next; empty where nothing is there, or while it goes."""
    try:
        stats = [(file, os.stat(file)) for file in _files(path)]
    except OSError:
        return ()
    return tuple((file, one.st_size, one.st_mtime_ns, one.st_ino) for file, one in stats)
