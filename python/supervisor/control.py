"""
ctl/: how clients reach a supervisor. Each epoch has a file for its renewals, one for its wish to stop, one for its wish to hold and one for
the step until which it is to run; the newest epoch counts.
"""

from __future__ import annotations

import os
from typing import Any

from files import read_json, remove
from processes import boot_now


class Control:
    """What the clients last said. Times are seconds of the boot-time clock."""

    def __init__(self, folder: str, epoch: int, renewed_at: float):
        self.folder, self.epoch, self.renewed_at = folder, epoch, renewed_at
        self.stop: str | None = None
        self.hold = self.gone = False
        self.until: int | None = None
        self._forget_older(renewed_at)

    def read(self) -> None:
        """Takes in what is new. A removed folder is a wish to stop: nobody could ask for it any more."""
        messages = self._messages()
        if messages is None:
            self.gone, self.stop = True, "its directory was removed"
            return
        self.epoch = max([self.epoch, *(m["epoch"] for _, m in messages)])
        self.hold, self.until = False, None
        for name, message in messages:
            if message["epoch"] < self.epoch:
                continue
            if name.startswith("hold-"):
                self.hold = True
            elif name.startswith("until-"):
                self.until = message["step"] if isinstance(message.get("step"), int) else None
            elif name.startswith("stop-"):
                self.stop = str(message.get("reason", "it was asked to"))
            else:
                self.renewed_at = min(boot_now(), max(self.renewed_at, message["t"]))

    def forget_holds(self) -> None:
        """A wish that has been fulfilled, or has nothing left to hold."""
        for name, _ in self._messages() or []:
            if name.startswith("hold-"):
                remove(os.path.join(self.folder, name))

    def _messages(self) -> list[tuple[str, dict[str, Any]]] | None:
        try:
            names = [name for name in os.listdir(self.folder) if name.endswith(".json")]
        except (FileNotFoundError, NotADirectoryError):
            return None
        found = [(name, read_json(os.path.join(self.folder, name))) for name in names]
        return [
            (name, message)
            for name, message in found
            if isinstance(message, dict) and isinstance(message.get("epoch"), int) and isinstance(message.get("t"), (int, float))
        ]

    def _forget_older(self, asked_at: float) -> None:
        """
        What was said before this supervisor was asked for, or before the host's last boot, is not meant for it; but where its program
        is to end with its state saved outlives the supervisor that it was told to.
        """
        os.makedirs(self.folder, exist_ok=True)
        for name, message in self._messages() or []:
            if (message["t"] <= asked_at and not name.startswith(("hold-", "until-"))) or message["t"] > boot_now() + 1:
                remove(os.path.join(self.folder, name))
