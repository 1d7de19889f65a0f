"""What a supervisor tells its clients: who it is, and how its program ended."""

from __future__ import annotations

import os
import time

from checkpoints import Checkpoint
from directory import PROTOCOL, Directory
from files import write_json
from processes import boot_id, start_of
from segment import End
from trainer import Trainer


def write_supervisor(directory: Directory, epoch: int, segment: int, trainer: Trainer | None) -> None:
    """supervisor.json."""
    record = {
        "pid": os.getpid(),
        "start": start_of(os.getpid()),
        "boot": boot_id(),
        "epoch": epoch,
        "segment": segment,
        "protocol": PROTOCOL,
        "log": directory.log(segment),
        "trainer": {"pid": trainer.pid, "start": start_of(trainer.pid)} if trainer else None,
    }
    write_json(directory.file("supervisor.json"), record)


def write_exit(directory: Directory, epoch: int, segment: int, end: End, final: bool, restarts: int, newest: Checkpoint | None) -> None:
    """exit.json."""
    how = {"code": end.code, "signal": end.signal, "why": end.why, "detail": end.detail, "final": final, "left": list(end.left)}
    saved = {"checkpoint": newest.name if newest else None, "step": newest.step if newest else None}
    directory.write_exit({"segment": segment, "epoch": epoch, **how, "restarts": restarts, **saved, "t": round(time.time(), 3)})
