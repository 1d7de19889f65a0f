"""Processes as /proc shows them: who is who, who belongs to a trainer, and how to end them all."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

# Inherited by everything that a trainer starts, so that what left its session and closed its log is found too.
MARKER = "DJ_SANDBOX_SUPERVISED"
PATIENCE = 3.0


def boot_id() -> str:
    """Names this boot of the host: process ids and the boot-time clock mean nothing beyond it."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def boot_now() -> float:
    """Seconds since boot, time asleep included: not moved by who sets the clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/<pid>/stat from the state on; None for what is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().decode("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields


def start_of(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None if it does not live."""
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def _stat_file(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _holds(pid: int, log: os.stat_result) -> bool:
    """Whether the log is the process's standard input, output or error."""
    for fd in range(3):
        try:
            found = os.stat(f"/proc/{pid}/fd/{fd}")
        except OSError:
            continue
        if (found.st_dev, found.st_ino) == (log.st_dev, log.st_ino):
            return True
    return False


def _is_marked(pid: int, mark: bytes) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return mark in file.read().split(b"\0")
    except OSError:
        return False


def members(directory: str, log: str | None, session: int | None) -> list[int]:
    """Live processes of the program run in `directory`: of its session or group, writing to its log, or carrying its mark."""
    mark = f"{MARKER}={directory}".encode()
    log_stat = _stat_file(log) if log else None
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        pid = int(name)
        fields = _stat(pid)
        if not fields:
            continue
        ours = session is not None and str(session) in (fields[2], fields[3])
        if ours or (log_stat and _holds(pid, log_stat)) or _is_marked(pid, mark):
            found.append(pid)
    return found


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def end_all(find: Callable[[], list[int]], patience: float = PATIENCE) -> list[int]:
    """Asks all to end (TERM), kills what is left after `patience` seconds, and returns what even that did not end within 10 s more."""
    asked: set[int] = set()
    kill_at = time.monotonic() + patience
    while (left := find()) and time.monotonic() < kill_at + 10:
        for pid in left:
            if time.monotonic() >= kill_at:
                _signal(pid, signal.SIGKILL)
            elif pid not in asked:
                _signal(pid, signal.SIGTERM)
                asked.add(pid)
        time.sleep(0.05)
    return left
