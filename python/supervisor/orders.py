"""What others want of a supervisor: that its program ends."""

from __future__ import annotations

import signal
import time

from control import Control
from directory import Directory
from processes import boot_now
from segment import SELDOM, End


class Orders:
    """Clients by ctl/, the host by TERM, a newer run by its directory, and silence for longer than `grace` seconds."""

    def __init__(self, directory: Directory, control: Control, grace: float):
        self.directory, self.control, self.grace = directory, control, grace
        self.terminated = False
        self.looked_beside = float("-inf")

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._on_term)

    def must_end(self) -> End | None:
        self.control.read()
        if self.control.stop:
            return End("stopped", self.control.stop)
        if self.terminated:
            return End("terminated", "its supervisor was asked to end, as at a shutdown of the host")
        silent = boot_now() - self.control.renewed_at
        if silent > self.grace:
            return End("deadline", f"no worker renewed its claim for {silent:.0f} s, longer than host_grace ({self.grace:.0f} s)")
        if time.monotonic() - self.looked_beside > SELDOM:
            self.looked_beside = time.monotonic()
            if not self.is_newest():
                return End("superseded", f"epoch {self.directory.newest_beside()} of its job has begun")
        return None

    def is_newest(self) -> bool:
        return self.directory.newest_beside() <= self.control.epoch

    def _on_term(self, *_: object) -> None:
        self.terminated = True
