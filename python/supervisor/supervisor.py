"""
Runs the program of DIRECTORY/spec.json, detached from the worker that asked for it, and owns its lock, its segments, its exit status and
its deadline.

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

from account import write_exit, write_supervisor
from checkpoints import Checkpoint, Watch, newest_complete
from control import Control
from directory import PROTOCOL, Directory
from files import read_json, remove
from history import History
from metrics import MetricsFile
from orders import Orders
from processes import boot_now
from recorder import Recorder
from seal import Sealer
from segment import TICK, End, Segment
from trainer import Trainer
from verdict import cause_in, is_worth_it

CANNOT_WRITE, LIVE, SUPERSEDED, TOO_OLD = 74, 75, 77, 78
# Ends after which nothing is worth waiting for: the host or the claim is to be free soon.
IN_HASTE = ("stopped", "terminated", "deadline", "superseded", "cannot-write")


class Supervisor:
    """Segment after segment of one program, until it has ended for good or must not go on."""

    def __init__(self, directory: Directory, control: Control, grace: float):
        self.directory, self.control = directory, control
        self.spec: dict[str, Any] = read_json(directory.file("spec.json"))
        self.restarts: dict[str, Any] | None = self.spec.get("restarts")
        self.checkpoints: dict[str, Any] | None = self.spec.get("checkpoints")
        self.history = History(directory.file("segments.json"))
        self.recorder = Recorder(self.spec, MetricsFile(directory.file("metrics.jsonl")), directory.log)
        self.orders = Orders(directory, control, grace)
        self.trainer: Trainer | None = None
        self.watch: Watch | None = None
        self.newest: Checkpoint | None = None
        begun = {one["segment"]: one["step"] for one in self.history.segments if one["marked"]}
        numbers = [directory.segment(), self.recorder.metrics.last.get("segment", 0), (self.history.newest or {}).get("segment", 0)]
        self.segment = max(numbers)
        self.recorder.catch_up(self.segment, begun)

    def run(self) -> None:
        """Ends with exit.json written."""
        self.orders.listen()
        end = self._after_death()
        if end:
            self._exit(end, final=True)
            return
        goes_on = True
        while goes_on:
            end = self._wait(self.history.pause())
            if not end:
                start, skipped = self._choose()
                end = self._is_far_enough(start)
            if end:
                self._exit(end, final=False)
                return
            goes_on = self._judge(self._next_segment(start, skipped))

    def _after_death(self) -> End | None:
        """A supervisor that died left its segment without an end: that is a restart too. An end where it was one too many."""
        newest = self.history.newest
        if not newest or "ended" in newest:
            return None
        self._choose()
        self._note_end(End("died"), fault=True, final=False)
        if not self.restarts or self.history.fruitless() < self.restarts["max"]:
            return None
        end = End("died", "its supervisor died again and again without a further step or checkpoint")
        self._note_end(end, fault=True, final=True)
        return end

    def _is_far_enough(self, start: Checkpoint | None) -> End | None:
        """An end where the program has been as far already as it is to go for now."""
        until = self.control.until
        return End("held", f"it had saved {start.name}") if start and until is not None and start.step >= until else None

    def _next_segment(self, start: Checkpoint | None, skipped: list[str]) -> End:
        why_again = self._say_of_last()
        self.segment += 1
        marked = self.checkpoints is not None and (start is not None or self.segment > 1)
        name, step = (start.name, start.step) if start else (None, 0)
        begin = {"segment": self.segment, "epoch": self.control.epoch, "from": name, "step": step, "marked": marked}
        self.history.begin({**begin, "skipped": skipped, "t": round(time.time(), 3)})
        log = self.directory.open_log(self.segment)
        if self.checkpoints:
            lines = [f"segment {self.segment} starts from {name or 'the beginning'}{why_again}"] if marked else []
            self.directory.note(self.segment, *skipped, *lines)
            self.watch = self._watch(start)
        try:
            self.recorder.begins(self.segment, step if marked else None)
        except OSError as error:
            os.close(log)
            return End("cannot-write", f"its supervisor cannot write to {self.directory.path}: {error.strerror}")
        segment = Segment(self.segment, self.spec, self.directory, self.control, self.recorder, self.watch)
        end = segment.run(start, log, self._must_end, self._record)
        if self.watch and end.why not in IN_HASTE:
            self.watch.finish()
        return end

    def _watch(self, start: Checkpoint | None) -> Watch:
        def note(line: str) -> None:
            self.directory.note(self.segment, line)

        sealer = Sealer(self.checkpoints, lambda: self.recorder.furthest, note) if self.checkpoints.get("seal") else None
        return Watch(self.checkpoints, start, self.orders.is_newest, note, sealer)

    def _judge(self, end: End) -> bool:
        """Whether there is to be another segment. If not, how it ended is written down."""
        if end.why not in ("exited", "stalled"):
            return self._conclude(end, final=end.why in ("nan", "cannot-start", "cannot-write"))
        if end.code != 0 and (ordered := self._must_end()):
            # As at a shutdown, which ends both at once: no fault of the program.
            return self._conclude(ordered._replace(code=end.code, signal=end.signal, left=end.left), final=False)
        progress = self._has_progressed()
        cause = cause_in(self.directory.log(self.segment), (self.restarts or {}).get("causes", []))
        if self.restarts is None or (end.why == "exited" and not is_worth_it(end.code, end.signal, cause, progress)):
            return self._conclude(end, final=True)
        if self.control.hold and self.watch:
            return self._conclude(end._replace(why="held", detail="it came to an end by itself meanwhile"), final=False)
        self._note_end(end, fault=True, final=False, cannot_load=cause == "checkpoint" and not progress)
        if self.history.fruitless() < self.restarts["max"]:
            return True
        return self._conclude(end, final=True)

    def _choose(self) -> tuple[Checkpoint | None, list[str]]:
        """What the next segment starts from, and what was passed over."""
        if not self.checkpoints:
            return None, []
        # Reading them takes a while: whoever asked for this supervisor sees it meanwhile.
        self._record(None)
        self.newest, skipped = newest_complete(self.checkpoints["dir"], self.checkpoints.get("run"), self.history.refused())
        return self.newest, skipped

    def _say_of_last(self) -> str:
        ended = (self.history.newest or {}).get("ended")
        if not ended or not ended["fault"]:
            return ""
        words = {"stalled": "was stalled", "died": "lost its supervisor"}
        how = words.get(ended["why"]) or f"ended with {ended['signal'] or 'code ' + str(ended['code'])}"
        return f"; segment {self.segment} {how}"

    def _wait(self, seconds: float) -> End | None:
        """Before a segment: whether somebody does not want it."""
        until = time.monotonic() + seconds
        if seconds:
            self._record(None)
        while True:
            end = self._must_end()
            if not end and self.control.hold and self.checkpoints:
                end = End("held", "it was between two segments")
            if end or time.monotonic() >= until:
                return end
            time.sleep(TICK)

    def _must_end(self) -> End | None:
        epoch = self.control.epoch
        end = self.orders.must_end()
        if self.control.epoch != epoch:
            self._record(self.trainer)
        return end

    def _newest(self) -> Checkpoint | None:
        return self.watch.newest if self.watch else self.newest

    def _has_progressed(self) -> bool:
        newest = self._newest()
        return self.history.has_progressed(self.recorder.furthest, self.recorder.total, newest.step if newest else None)

    def _record(self, trainer: Trainer | None) -> None:
        self.trainer = trainer
        write_supervisor(self.directory, self.control.epoch, self.segment, trainer)

    def _note_end(self, end: End, fault: bool, final: bool, cannot_load: bool = False) -> None:
        newest = self._newest()
        came_to = {"furthest": self.recorder.furthest, "total": self.recorder.total, "checkpoint": newest.step if newest else None}
        judged = {"progress": self._has_progressed(), "cannot_load": cannot_load, "fault": fault, "final": final}
        self.history.end({"why": end.why, "code": end.code, "signal": end.signal, **came_to, **judged, "t": round(time.time(), 3)})

    def _conclude(self, end: End, final: bool) -> bool:
        """No other segment."""
        self._exit(end, final)
        if self.control.gone:
            return False
        try:
            self._note_end(end, fault=False, final=final)
        except OSError:
            pass  # The disk is full, or the directory was removed: exit.json has said it, if anything could.
        return False

    def _exit(self, end: End, final: bool) -> None:
        self.control.read()
        if self.control.gone:
            return  # Nobody is left to read it, and whoever removes the directory must not find new files in it.
        if end.why == "held" and not self._newest():
            self._choose()
        newest = self._newest()
        write_exit(self.directory, self.control.epoch, self.segment, end, final, self.history.fruitless(), newest)
        self.control.forget_holds()


def main(path: str, epoch: int, grace: float, renewed_at: float) -> int:
    """The lock, what a dead supervisor left, whether there is anything to do."""
    directory = Directory(path)
    if not directory.take_lock():
        return LIVE
    if directory.newest_epoch() > epoch:
        return SUPERSEDED
    if boot_now() - renewed_at > grace:
        return TOO_OLD
    asked = (read_json(directory.file("spec.json")) or {}).get("protocol", PROTOCOL)
    if asked != PROTOCOL:
        # The package on the disk was replaced under a worker that runs.
        raise SystemExit(f"this supervisor speaks protocol {PROTOCOL}, the worker that started it {asked}: start the worker again")
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
