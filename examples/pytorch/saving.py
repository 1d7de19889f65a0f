"""
The checkpoint contract of docs/checkpoints.md, to be copied beside a training script: checkpoints that are whole or do not count, and
stopping when asked. Standard library only. Outside of dj-sandbox it does what any script does: saves every so many steps.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path


class Saving:
    """
    Saves FOLDER/checkpoint-<step> every `every` steps, or as often as the job says. In a program of several processes one `saves`, and `agree` gives all of
    them the answer of that one, whose clock and signals decide.
    """

    def __init__(self, folder: Path, every: int, saves: bool = True, agree: Callable[[tuple], tuple] = lambda answer: answer) -> None:
        self.folder = folder
        self.saves, self.agree = saves, agree
        self.every = int(os.environ.get("DJ_CHECKPOINT_EVERY_STEPS") or every)
        self.seconds = float(os.environ.get("DJ_CHECKPOINT_EVERY_SECONDS") or "inf")
        self.saved_at = time.monotonic()
        self.terminated = False
        signal.signal(signal.SIGTERM, self._on_term)

    @staticmethod
    def start() -> Path | None:
        """The checkpoint to go on from, if there is one."""
        path = os.environ.get("DJ_RESUME_FROM")
        return Path(path) if path else None

    def after_step(self, step: int, save: Callable[[Path], None]) -> None:
        """To be called after each step: saves where it is time to, and ends the program where that is wanted."""
        orders = self._orders()
        stop = self.terminated or orders.get("stop") is True or step >= orders.get("stop_at_step", step + 1)
        due = stop or step % self.every == 0 or time.monotonic() - self.saved_at >= self.seconds
        terminated, stop, due = self.agree((self.terminated, stop, due))
        if due and self.saves:
            self.save(step, save)
        if terminated:
            self._say(f"saved and ended at step {step}, as SIGTERM wanted")
            sys.exit(128 + signal.SIGTERM)
        if stop:
            if self.saves:
                _replace(Path(os.environ["DJ_CONTROL_FILE"]), json.dumps({**orders, "stopped": True}))
            self._say(f"saved and stopped at step {step}")
            sys.exit(0)

    def _say(self, text: str) -> None:
        if self.saves:
            print(text, flush=True)

    def save(self, step: int, save: Callable[[Path], None]) -> None:
        """`save` writes files into the folder that it is given; complete.json comes last, so that what is torn does not count."""
        folder = self.folder / f"checkpoint-{step}"
        (folder / "complete.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        save(folder)
        files = {str(file.relative_to(folder)): _sealed(file) for file in sorted(folder.rglob("*")) if file.is_file()}
        record = {"version": 1, "step": step, "files": files}
        if run := os.environ.get("DJ_CHECKPOINT_RUN"):
            record["run"] = run
        _replace(folder / "complete.json", json.dumps(record))
        self.saved_at = time.monotonic()

    def _on_term(self, *_: object) -> None:
        self.terminated = True

    @staticmethod
    def _orders() -> dict:
        try:
            return json.loads(Path(os.environ["DJ_CONTROL_FILE"]).read_text())
        except (KeyError, OSError, ValueError):
            return {}


def _sealed(file: Path) -> dict[str, int | str]:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
        data = opened.read()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.tmp")
    with part.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
