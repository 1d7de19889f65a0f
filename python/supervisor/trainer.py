"""The program itself, as the supervisor's child."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from typing import Any

from processes import MARKER


class Trainer:
    """A started program in its own session, its output in the log. Raises OSError where it cannot start."""

    def __init__(self, spec: dict[str, Any], env: dict[str, str], directory: str, log: int):
        env = {**os.environ, **spec["env"], **env, "PYTHONUNBUFFERED": "1", MARKER: directory}
        self.woken, self.waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self.waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.process = subprocess.Popen(
            spec["argv"],
            cwd=spec["cwd"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.pid = self.process.pid

    def wait(self, seconds: float) -> bool:
        """
        Whether it has ended, waiting at most so long (a signal cuts that short). It is left a zombie, so that its process id, which names its session, cannot be
        given to another program before everything in that session has been ended.
        """
        if seconds and not self._has_ended() and select.select([self.woken], [], [], seconds)[0]:
            os.read(self.woken, 4096)
        return self._has_ended()

    def _has_ended(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def end(self) -> tuple[int | None, str | None]:
        """Its exit code or the name of the signal that ended it; waits for it."""
        status = self.process.wait()
        signal.set_wakeup_fd(-1)
        os.close(self.woken)
        os.close(self.waker)
        return (status, None) if status >= 0 else (None, signal_name(-status))


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def why_not_started(spec: dict[str, Any], error: OSError) -> str:
    """One sentence on what kept the program from starting."""
    program, cwd = spec["argv"][0], spec["cwd"]
    if not os.path.isdir(cwd):
        return f"cannot start {program}: its working directory {cwd} does not exist"
    if isinstance(error, FileNotFoundError):
        return f"cannot start {program}: there is no such program"
    if isinstance(error, PermissionError):
        return f"cannot start {program}: it is not executable"
    return f"cannot start {program}: {error.strerror or error}"
