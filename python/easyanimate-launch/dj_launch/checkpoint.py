"""Checkpoint folders `checkpoint-<step>`: whole only with a `complete.json` that lists every file with its size and hash."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

COMPLETE = "complete.json"


def seal(folder: Path, step: int, run: str | None = None) -> None:
    """Says that the checkpoint is whole: all its files are on the disk before complete.json appears."""
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        files[path.relative_to(folder).as_posix()] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        _sync(path)
    for path in [path for path in folder.rglob("*") if path.is_dir()]:
        _sync(path)
    fresh = folder / f"{COMPLETE}.tmp"
    record = {"version": 1, "step": step} | ({"run": run} if run else {}) | {"files": files}
    fresh.write_text(json.dumps(record, indent=1) + "\n")
    _sync(fresh)
    os.replace(fresh, folder / COMPLETE)
    _sync(folder)
    _sync(folder.parent)


def step_of_whole(folder: Path) -> int | None:
    """The checkpoint's step; None where it is torn: a file is absent, of another size or of other content."""
    try:
        record = json.loads((folder / COMPLETE).read_text())
        for name, expected in record["files"].items():
            path = folder / name
            if path.stat().st_size != expected["bytes"] or _sha256(path) != expected["sha256"]:
                return None
        return int(record["step"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def newest_whole(place: Path) -> tuple[int, Path] | None:
    """`place` itself where it is a checkpoint, else the newest whole one inside; None where there is none."""
    candidates = [place] if (place / COMPLETE).exists() else sorted(place.glob("checkpoint-*"), key=_number, reverse=True)
    for folder in candidates:
        step = step_of_whole(folder)
        if step is not None:
            return step, folder
    return None


def _number(folder: Path) -> int:
    match = re.fullmatch(r"checkpoint-(\d+)", folder.name)
    return int(match[1]) if match else -1


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
