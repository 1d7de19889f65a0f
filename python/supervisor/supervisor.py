"""
Runs the program of DIRECTORY/spec.json, detached from the worker that asked for it, and owns its lock, its exit status and its deadline.

    supervisor.py DIRECTORY EPOCH GRACE RENEWED_AT

GRACE is in seconds; RENEWED_AT is the boot-time clock when the claim was last known to be live. The program is ended when nobody has
renewed for GRACE seconds. Exit codes: 74 its directory cannot be written to, 75 another supervisor lives, 77 a newer epoch exists, 78 the
renewal is older than GRACE.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from typing import Any

from control import Control
from directory import PROTOCOL, Directory
from files import MetricsFile, read_json, remove, write_json
from follow import LogFollower
from patterns import Patterns, bad_loss
from processes import boot_id, boot_now, end_all, members, start_of
from trainer import Trainer, why_not_started

CANNOT_WRITE, LIVE, SUPERSEDED, TOO_OLD = 74, 75, 77, 78
TICK = 0.1
# What outlives the program by itself (a tracker that still uploads) has so long before it is asked to end.
AFTERWARDS = 1.0


class Supervisor:
    """One segment of one program."""

    def __init__(self, directory: Directory, control: Control, grace: float):
        self.directory, self.control, self.grace = directory, control, grace
        self.spec: dict[str, Any] = read_json(directory.file("spec.json"))
        self.patterns = Patterns(self.spec["patterns"])
        self.metrics = MetricsFile(directory.file("metrics.jsonl"))
        self.terminated = False
        self.bad: str | None = None
        self._catch_up()
        self.segment = directory.segment() + 1

    def run(self) -> None:
        """Steps 4 to 8: spawn, record, follow, end, exit.json."""
        log = self.directory.open_log(self.segment)
        signal.signal(signal.SIGTERM, self._on_term)
        try:
            trainer = Trainer(self.spec, self.directory.path, log)
        except OSError as error:
            self._exit(None, None, "cannot-start", why_not_started(self.spec, error), final=True)
            return
        finally:
            os.close(log)
        try:
            self._record(trainer)
            follower = LogFollower(self.directory.log(self.segment), self.patterns)
            why, detail = self._follow(trainer, follower)
            left = self._end_everything(trainer, asked=why != "exited")
            self._drain(follower)
        except BaseException as error:
            self._end_everything(trainer, asked=True)
            if not isinstance(error, OSError):
                raise
            self._exit(*trainer.end(), "cannot-write", f"its supervisor cannot write to {self.directory.path}: {error.strerror}", final=True)
            return
        code, ended_by = (None, None) if trainer.pid in left else trainer.end()
        if why == "exited" and self.bad:
            why, detail = "nan", self.bad
        self._exit(code, ended_by, why, detail, final=why in ("exited", "nan"), left=left)

    def _follow(self, trainer: Trainer, follower: LogFollower) -> tuple[str, str | None]:
        """Until the program ends or must: why it does, and in words."""
        resting_since = time.monotonic()
        while True:
            records, more = follower.read()
            if more:
                resting_since = time.monotonic()
            elif time.monotonic() - resting_since > 3 * TICK:
                records = follower.rest(ended=False)
            self._write(records)
            if trainer.wait(0 if more else TICK):
                return "exited", None
            reason = self._must_end(trainer)
            if reason:
                return reason

    def _must_end(self, trainer: Trainer) -> tuple[str, str] | None:
        epoch = self.control.epoch
        self.control.read()
        if self.control.epoch != epoch:
            self._record(trainer)
        if self.bad:
            return "nan", self.bad
        if self.control.stop:
            return "stopped", self.control.stop
        if self.terminated:
            return "terminated", "its supervisor was asked to end, as at a shutdown of the host"
        silent = boot_now() - self.control.renewed_at
        if silent > self.grace:
            return "deadline", f"no worker renewed its claim for {silent:.0f} s, longer than host_grace ({self.grace:.0f} s)"
        return None

    def _end_everything(self, trainer: Trainer, asked: bool) -> list[int]:
        def find() -> list[int]:
            return members(self.directory.path, self.directory.log(self.segment), trainer.pid)

        deadline = time.monotonic() + (0 if asked else AFTERWARDS)
        while find() and time.monotonic() < deadline:
            time.sleep(TICK / 2)
        return end_all(find)

    def _drain(self, follower: LogFollower) -> None:
        more = True
        while more:
            records, more = follower.read()
            self._write(records)
        self._write(follower.rest(ended=True))

    def _write(self, records: list[dict[str, Any]], segment: int | None = None) -> None:
        if not records:
            return
        now = round(time.time(), 3)
        self.metrics.append([{"t": now, "segment": segment or self.segment, **record} for record in records])
        if self.spec.get("failOnNaN") and not self.bad:
            self.bad = next(filter(None, map(bad_loss, records)), None)

    def _catch_up(self) -> None:
        """Metrics that an earlier supervisor died before writing: the rest of the newest log."""
        segment = self.directory.segment()
        if not segment:
            return
        last = self.metrics.last
        offset = last["offset"] if last.get("segment") == segment else 0
        follower = LogFollower(self.directory.log(segment), self.patterns, offset)
        more = True
        while more:
            records, more = follower.read()
            self._write(records, segment)
        self._write(follower.rest(ended=True), segment)
        self.bad = None

    def _record(self, trainer: Trainer) -> None:
        write_json(
            self.directory.file("supervisor.json"),
            {
                "pid": os.getpid(),
                "start": start_of(os.getpid()),
                "boot": boot_id(),
                "epoch": self.control.epoch,
                "segment": self.segment,
                "protocol": PROTOCOL,
                "log": self.directory.log(self.segment),
                "trainer": {"pid": trainer.pid, "start": start_of(trainer.pid)},
            },
        )

    def _exit(self, code: int | None, ended_by: str | None, why: str, detail: str | None, final: bool, left: list[int] | None = None) -> None:
        self.control.read()
        end = {"segment": self.segment, "epoch": self.control.epoch, "code": code, "signal": ended_by, "why": why, "detail": detail}
        self.directory.write_exit({**end, "final": final, "left": left or [], "t": round(time.time(), 3)})

    def _on_term(self, *_: object) -> None:
        self.terminated = True


def main(path: str, epoch: int, grace: float, renewed_at: float) -> int:
    """Steps 1 to 3: the lock, what a dead supervisor left, whether there is anything to do."""
    directory = Directory(path)
    if not directory.take_lock():
        return LIVE
    if directory.newest_epoch() > epoch:
        return SUPERSEDED
    if boot_now() - renewed_at > grace:
        return TOO_OLD
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # Not SIG_IGN, which the trainer would inherit.
    left = directory.end_orphans()
    if left or directory.log_is_held(directory.segment()):
        raise SystemExit(f"processes of an earlier run of {directory.path} cannot be ended: {left}")
    end = directory.exit()
    if end and end["final"]:
        return 0
    control = Control(directory.file("ctl"), epoch, renewed_at)
    remove(directory.file("supervisor.json"))
    directory.forget_exit()
    Supervisor(directory, control, grace).run()
    return 0


if __name__ == "__main__":
    if not sys.platform.startswith("linux"):
        raise SystemExit("the supervisor needs Linux: it reads /proc")
    try:
        sys.exit(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(CANNOT_WRITE if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES) else 1)
