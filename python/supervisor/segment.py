"""One segment: the program from a checkpoint, or its beginning, until it ends or has to."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from checkpoints import Checkpoint, Watch, entry
from control import Control
from directory import Directory
from files import read_json, remove, write_json
from follow import LogFollower
from processes import end_all, members
from recorder import Recorder
from trainer import Trainer, why_not_started

TICK = 0.1
# What looks into other folders is done less often.
SELDOM = 1.0
# What outlives the program by itself (a tracker that still uploads) has so long before it is asked to end.
AFTERWARDS = 1.0
# More than this between two looks is no silence of the program: this process, or the host, was not running.
LONGEST_LOOK = 1.0


class End(NamedTuple):
    """`why` is `exited`, `nan`, `stalled`, `cannot-start`, `cannot-write`, `stopped`, `held`, `terminated`, `deadline`, `superseded`."""

    why: str
    detail: str | None = None
    code: int | None = None
    signal: str | None = None
    left: tuple[int, ...] = ()


class Segment:
    """`must_end` is asked again and again whether somebody wants the end; `started` is called when the program runs."""

    def __init__(self, number: int, spec: dict[str, Any], directory: Directory, control: Control, recorder: Recorder, watch: Watch | None):
        self.number, self.spec, self.directory, self.control, self.recorder = number, spec, directory, control, recorder
        self.watch = watch
        self.stall_after = (spec.get("restarts") or {}).get("stallAfterMs", 0) / 1000
        self.control_file = directory.file(f"control-{number}.json")
        self.seldom_at = 0.0
        self.wait_from: int | None = None
        self.said: dict[str, Any] = {}

    def run(self, start: Checkpoint | None, log: int, must_end: Callable[[], End | None], started: Callable[[Trainer], None]) -> End:
        remove(self.control_file)
        try:
            self._say_orders()
            trainer = Trainer({**self.spec, "argv": self._argv(start)}, self._environment(start), self.directory.path, log)
        except OSError as error:
            return End("cannot-start", why_not_started(self.spec, error))
        finally:
            os.close(log)
        try:
            started(trainer)
            follower = LogFollower(self.directory.log(self.number), self.recorder.patterns)
            self.recorder.follow(self.number, follower)
            end = self._follow(trainer, must_end)
            left = self._end_everything(trainer, asked=end.why != "exited")
            self.recorder.drain()
        except BaseException as error:
            self._end_everything(trainer, asked=True)
            if not isinstance(error, OSError):
                raise
            detail = f"its supervisor cannot write to {self.directory.path}: {error.strerror}"
            return End("cannot-write", detail, *trainer.end())
        code, ended_by = (None, None) if trainer.pid in left else trainer.end()
        end = end._replace(code=code, signal=ended_by, left=tuple(left))
        if end.why == "exited" and self.recorder.bad:
            return end._replace(why="nan", detail=self.recorder.bad)
        stopped = (read_json(self.control_file) or {}).get("stopped") is True
        return end._replace(why="held") if end.why == "exited" and code == 0 and stopped else end

    def _argv(self, start: Checkpoint | None) -> list[str]:
        """The command line, with the arguments that say from where to go on."""
        more = (self.spec.get("checkpoints") or {}).get("resumeArgs") if start else None
        return [*self.spec["argv"], *(each.replace("{checkpoint}", entry(start)) for each in more or [])]

    def _environment(self, start: Checkpoint | None) -> dict[str, str]:
        spec = self.spec.get("checkpoints")
        if not spec:
            return {}
        env = {spec.get("resumeEnv") or "DJ_RESUME_FROM": entry(start) if start else ""}
        if spec.get("run") is not None:
            env["DJ_CHECKPOINT_RUN"] = spec["run"]
        if spec["canStopOnRequest"]:
            env["DJ_CONTROL_FILE"] = self.control_file
        every = spec.get("every") or {}
        if "steps" in every:
            env["DJ_CHECKPOINT_EVERY_STEPS"] = str(every["steps"])
        if "ms" in every:
            env["DJ_CHECKPOINT_EVERY_SECONDS"] = str(every["ms"] / 1000)
        return env

    def _follow(self, trainer: Trainer, must_end: Callable[[], End | None]) -> End:
        """Until the program ends or must: why it does."""
        silent, looked_at = 0.0, time.monotonic()
        while True:
            more = self.recorder.read()
            silent, looked_at = silent + min(LONGEST_LOOK, time.monotonic() - looked_at), time.monotonic()
            if more:
                silent = 0.0
            elif silent > 3 * TICK:
                self.recorder.rest()
            if trainer.wait(0 if more else TICK):
                return End("exited")
            if end := must_end() or self._hold():
                return end
            if self.recorder.bad:
                return End("nan", self.recorder.bad)
            if self.stall_after and silent > self.stall_after:
                return End("stalled", f"it made no log line and no step for {self.stall_after:.0f} s")

    def _hold(self) -> End | None:
        """Has the program save and end where that is wanted, or ends it after its next checkpoint."""
        if not self.watch:
            return None
        if time.monotonic() - self.seldom_at > SELDOM:
            self.seldom_at = time.monotonic()
            self.watch.look()
        if self.spec["checkpoints"]["canStopOnRequest"]:
            self._say_orders()
            return None
        newest = self.watch.newest
        if not self.control.hold:
            self.wait_from = None
        elif self.wait_from is None:
            self.wait_from = newest.step if newest else 0
        wanted = [self.wait_from + 1 if self.wait_from is not None else None, self.control.until]
        if newest and any(step is not None and newest.step >= step for step in wanted):
            return End("held", f"it had saved {newest.name}")
        return None

    def _say_orders(self) -> None:
        """Tells the program through its control file what is wanted of it now."""
        if not self.watch or not self.spec["checkpoints"]["canStopOnRequest"]:
            return
        until = self.control.until
        # One that only knows `stop` has run past the step.
        past = until is not None and (self.recorder.furthest or 0) > until
        orders = ({"stop_at_step": until} if until is not None else {}) | ({"stop": True} if self.control.hold or past else {})
        if orders == self.said or (read_json(self.control_file) or {}).get("stopped") is True:
            return
        self.said = orders
        if orders:
            write_json(self.control_file, orders)
        else:
            remove(self.control_file)

    def _end_everything(self, trainer: Trainer, asked: bool) -> list[int]:
        def find() -> list[int]:
            return members(self.directory.path, self.directory.log(self.number), trainer.pid)

        deadline = time.monotonic() + (0 if asked else AFTERWARDS)
        while find() and time.monotonic() < deadline:
            time.sleep(TICK / 2)
        return end_all(find)
