"""Checkpoints (docs/checkpoints.md): which are complete, which is the newest, which may go."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import threading
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

COMPLETE = "complete.json"
VERSION = 1
CHUNK = 1 << 20


class Checkpoint(NamedTuple):
    step: int
    path: str

    @property
    def name(self) -> str:
        return os.path.basename(self.path)


class NotComplete(Exception):
    """Says why a checkpoint is not to be started from."""


def in_folder(folder: str) -> list[Checkpoint]:
    """Everything named as a checkpoint, the newest first; a folder that is not there has none."""
    try:
        found = [(re.fullmatch(r"checkpoint-(\d+)", name), name) for name in os.listdir(folder)]
    except OSError:
        return []
    return sorted((Checkpoint(int(match[1]), os.path.join(folder, name)) for match, name in found if match), reverse=True)


def prove(checkpoint: Checkpoint, run: str | None) -> None:
    """Reads the whole checkpoint. Raises NotComplete unless it is ours and every file has its size and hash."""
    try:
        for name, expected in _record(checkpoint, run)["files"].items():
            _prove_file(checkpoint.path, name, expected)
    except OSError as error:
        raise NotComplete(f"it cannot be read: {error.strerror}: {error.filename}") from None


def newest_complete(folder: str, run: str | None, refused: Collection[str] = ()) -> tuple[Checkpoint | None, list[str]]:
    """The newest that is complete, and a line for each that was skipped on the way."""
    skipped = []
    for checkpoint in in_folder(folder):
        if checkpoint.name in refused:
            skipped.append(f"{checkpoint.name} is skipped: the program could not load it")
            continue
        try:
            prove(checkpoint, run)
        except NotComplete as why:
            skipped.append(f"{checkpoint.name} is skipped: {why}")
        else:
            return checkpoint, skipped
    return None, skipped


def entry(checkpoint: Checkpoint) -> str:
    """What a program is given to start from: the checkpoint, or the one file in it that its program saved."""
    record = json.loads(_read_own(checkpoint.path, COMPLETE))
    return os.path.join(checkpoint.path, record["entry"]) if record.get("entry") in record["files"] else checkpoint.path


def _record(checkpoint: Checkpoint, run: str | None) -> dict[str, Any]:
    if os.path.islink(checkpoint.path):
        raise NotComplete(f"it is a symbolic link to {os.readlink(checkpoint.path)}")
    path = os.path.join(checkpoint.path, COMPLETE)
    try:
        record = json.loads(_read_own(checkpoint.path, COMPLETE))
    except FileNotFoundError:
        raise NotComplete(f"it has no {COMPLETE}, so it was not finished") from None
    except ValueError:
        raise NotComplete(f"{path} is not JSON") from None
    if not isinstance(record, dict) or record.get("version") != VERSION:
        raise NotComplete(f"{path} is not of version {VERSION}")
    if record.get("step") != checkpoint.step:
        raise NotComplete(f"its {COMPLETE} is of step {record.get('step')}")
    if run is not None and record.get("run", run) != run:
        raise NotComplete("it is another run's")
    if not isinstance(record.get("files"), dict) or not record["files"]:
        raise NotComplete(f"its {COMPLETE} lists no files")
    return record


def _read_own(folder: str, name: str) -> bytes:
    with _open_own(folder, name) as file:
        return file.read()


def _open_own(folder: str, name: str) -> Any:
    """A regular file of the folder itself: reached without symbolic links."""
    inside = os.path.join(os.path.realpath(folder), name)
    if os.path.isabs(name) or os.path.normpath(inside) != inside or not inside.startswith(os.path.realpath(folder) + os.sep):
        raise NotComplete(f"it lists {name}, which is not inside it")
    if os.path.realpath(inside) != inside:
        raise NotComplete(f"its {name} leads out of it by a symbolic link")
    if not stat.S_ISREG(os.lstat(inside).st_mode):
        raise NotComplete(f"its {name} is no file")
    return open(inside, "rb", buffering=0)


def _prove_file(folder: str, name: str, expected: Any) -> None:
    if not isinstance(expected, dict):
        raise NotComplete(f"its {COMPLETE} has no size and hash of {name}")
    try:
        file = _open_own(folder, name)
    except FileNotFoundError:
        raise NotComplete(f"its {name} is gone") from None
    with file:
        size = os.fstat(file.fileno()).st_size
        if size != expected.get("bytes"):
            raise NotComplete(f"its {name} has {size} bytes instead of {expected.get('bytes')}")
        digest = hashlib.sha256()
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != expected.get("sha256"):
        raise NotComplete(f"its {name} has other content than was saved")


class Watch:
    """
    Sees new checkpoints of a running program, proves them and prunes older ones. It reads and deletes in a thread of its own: the
    supervisor keeps its clock meanwhile. `sealer` (seal.py) makes checkpoints of what a program saves in a way of its own.
    """

    def __init__(
        self, spec: dict[str, Any], newest: Checkpoint | None, may_prune: Callable[[], bool], note: Callable[[str], None], sealer: Any = None
    ) -> None:
        self.folder, self.run, self.keep = spec["dir"], spec.get("run"), spec.get("keep")
        self.newest = newest
        self.may_prune, self.note, self.sealer = may_prune, note, sealer
        self._seen = {checkpoint.path: _mark(checkpoint) for checkpoint in in_folder(self.folder)}
        self._thread: threading.Thread | None = None
        self._failed: str | None = None

    def look(self) -> None:
        """Cheap enough for once a second: the work is done elsewhere."""
        if self._thread and self._thread.is_alive():
            return
        if (self.sealer and self.sealer.look()) or self._next():
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()

    def finish(self) -> None:
        """Waits until all that is there has been looked at."""
        if self._thread:
            self._thread.join()
        self._work(ended=True)

    def _next(self) -> Checkpoint | None:
        for checkpoint in in_folder(self.folder):
            if self.newest and checkpoint.step <= self.newest.step:
                return None
            mark = _mark(checkpoint)
            if mark and self._seen.get(checkpoint.path) != mark:
                return checkpoint
        return None

    def _work(self, ended: bool = False) -> None:
        if self.sealer:
            self.sealer.seal(ended)
        while checkpoint := self._next():
            self._seen[checkpoint.path] = _mark(checkpoint)
            try:
                prove(checkpoint, self.run)
            except NotComplete as why:
                self.note(f"{checkpoint.name} is of no use: {why}")
                continue
            self.newest = checkpoint
            if self.keep:
                self._prune(checkpoint)

    def _prune(self, newest: Checkpoint) -> None:
        """Older ones beyond `keep`, and unfinished ones before the newest; never another run's."""
        kept = 1
        for checkpoint in in_folder(self.folder):
            if checkpoint.step >= newest.step or os.path.islink(checkpoint.path):
                continue
            try:
                _record(checkpoint, self.run)
                kept += 1
                goes = kept > self.keep
            except NotComplete:
                goes = not os.path.lexists(os.path.join(checkpoint.path, COMPLETE))
            except OSError:
                goes = False
            if goes and self.may_prune():
                self._remove(checkpoint)

    def _remove(self, checkpoint: Checkpoint) -> None:
        try:
            # First, so that one that is half removed is not taken for complete.
            if os.path.lexists(os.path.join(checkpoint.path, COMPLETE)):
                os.unlink(os.path.join(checkpoint.path, COMPLETE))
            shutil.rmtree(checkpoint.path)
        except OSError as error:
            if self._failed != checkpoint.name:
                self.note(f"{checkpoint.name} cannot be removed: {error.strerror}")
            self._failed = checkpoint.name


def _mark(checkpoint: Checkpoint) -> tuple[int, int] | None:
    """Tells one writing of a checkpoint from the next; None while it is not finished."""
    try:
        found = os.stat(os.path.join(checkpoint.path, COMPLETE))
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
