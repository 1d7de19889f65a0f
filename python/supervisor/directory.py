"""The directory of a supervised program: its files, its lock, its segments."""

from __future__ import annotations

import fcntl
import os
import re
from typing import Any

from files import read_json, remove, write_json
from processes import end_all, members

# Raised when files or ctl/ change so that an older client or supervisor would misread them.
PROTOCOL = 1


class Directory:
    """Where one program runs. Whoever holds the lock is its supervisor."""

    def __init__(self, path: str):
        self.path = os.path.realpath(path)
        self.lock: int | None = None

    def file(self, *name: str) -> str:
        return os.path.join(self.path, *name)

    def take_lock(self) -> bool:
        """False while another lives. The lock goes with this process: it is not inherited, and the kernel frees it."""
        self.lock = os.open(self.file("lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def segment(self) -> int:
        """The newest segment that has a log; 0 where none has."""
        found = (re.fullmatch(r"log-(\d+)\.txt", name) for name in os.listdir(self.path))
        return max((int(name[1]) for name in found if name), default=0)

    def log(self, segment: int) -> str:
        return self.file(f"log-{segment}.txt")

    def newest_epoch(self) -> int:
        """The newest epoch that ever had this program, or that has a directory beside this one."""
        record: Any = read_json(self.file("supervisor.json")) or {}
        return max(record.get("epoch", 0), self.newest_beside())

    def newest_beside(self) -> int:
        """The newest epoch of the job that this program is of; 0 where its directory is in none."""
        # A job's second and further programs run one folder deeper.
        for place in (self.path, os.path.dirname(self.path)):
            if not re.fullmatch(r"epoch-\d+", os.path.basename(place)):
                continue
            try:
                beside = [re.fullmatch(r"epoch-(\d+)", name) for name in os.listdir(os.path.dirname(place))]
            except OSError:
                return 0
            return max((int(name[1]) for name in beside if name), default=0)
        return 0

    def end_orphans(self) -> list[int]:
        """Ends what a dead supervisor left running: its trainer still holds the lock on the log. Returns what could not be ended."""
        segment = self.segment()
        log = self.log(segment) if segment else None
        return end_all(lambda: members(self.path, log, None))

    def open_log(self, segment: int) -> int:
        """
        A new log, locked. The lock belongs to the open file and so to whoever has it as standard output: it lasts as long as the trainer
        or anything that it started does.
        """
        log = os.open(self.log(segment), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        link = self.file("log.txt")
        if os.path.islink(link) or not os.path.exists(link):
            fresh = f"{link}.{os.getpid()}.tmp"
            os.symlink(os.path.basename(self.log(segment)), fresh)
            os.replace(fresh, link)
        return log

    def log_is_held(self, segment: int) -> bool:
        """Whether something still has the log of that segment as its output."""
        try:
            log = os.open(self.log(segment), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(log)
        return False

    def note(self, segment: int, *lines: str) -> None:
        """Tells whoever reads the log of a segment; where that is gone, nobody."""
        try:
            log = os.open(self.log(segment), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except OSError:
            return
        with open(log, "a") as file:
            file.write("".join(f"dj-sandbox: {line}\n" for line in lines))

    def exit(self) -> dict[str, Any] | None:
        return read_json(self.file("exit.json"))

    def write_exit(self, end: dict[str, Any]) -> None:
        try:
            write_json(self.file("exit.json"), end)
        except FileNotFoundError:
            pass  # The directory was removed: nobody is left to read it.

    def forget_exit(self) -> None:
        remove(self.file("exit.json"))
