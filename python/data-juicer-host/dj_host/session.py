"""Everything that a job's process has started, wherever it put itself: all of it is in the session that the process leads."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

DAY = 24 * 60 * 60


def short_folder(pid: int) -> Path:
    """A folder with a short path, for what cannot bear long ones (sockets); the host removes it when the job of process `pid` has ended."""
    return Path(tempfile.gettempdir(), f'dj-job-{pid}')


def members(session: int) -> list[int]:
    """Process ids of a session, also of groups of their own in it."""
    found = []
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                if os.getsid(int(name)) == session:
                    found.append(int(name))
            except (ProcessLookupError, PermissionError):
                continue
    return found


def end_others(session: int, number: int) -> None:
    """Signals a session's processes but this one; twice, for what one of them started meanwhile."""
    for _ in range(2):
        for pid in members(session):
            if pid != os.getpid():
                try:
                    os.kill(pid, number)
                except (ProcessLookupError, PermissionError):
                    continue


def remove_left_over() -> None:
    """Removes short folders of jobs that were killed together with their host."""
    for folder in Path(tempfile.gettempdir()).glob('dj-job-*'):
        pid = folder.name.removeprefix('dj-job-')
        about = folder.stat()
        # Old ones: of a process in another container nothing is in our /proc.
        if pid.isdigit() and not Path('/proc', pid).exists() and about.st_uid == os.getuid() and about.st_mtime < time.time() - DAY:
            shutil.rmtree(folder, ignore_errors=True)
