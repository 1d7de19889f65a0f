"""What the logs of all segments tell, written to metrics.jsonl once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from follow import LogFollower
from metrics import MetricsFile
from patterns import Patterns, bad_loss


class Recorder:
    """Follows the newest segment's log. `furthest` and `total` are the newest segment's step and what it said that it is of."""

    def __init__(self, spec: dict[str, Any], metrics: MetricsFile, log_of: Any):
        self.patterns = Patterns(spec["patterns"])
        self.fail_on_nan, self.step_follows = bool(spec.get("failOnNaN")), bool(spec.get("stepFollows"))
        self.held: dict[str, Any] = {}
        self.metrics, self.log_of = metrics, log_of
        self.begun: dict[int, int] = {}
        self.segment, self.follower = 0, None
        self.forget()

    def forget(self) -> None:
        self.bad: str | None = None
        self.furthest: int | None = None
        self.total: int | None = None

    def begins(self, segment: int, step: int | None) -> None:
        """A segment that goes on from a step: what earlier ones told of later steps does not hold any more."""
        self.forget()
        if step is not None:
            self.begun[segment] = step
            self._append(segment, [{"offset": 0, "from": step}])

    def follow(self, segment: int, follower: LogFollower) -> None:
        self.segment, self.follower, self.held = segment, follower, {}

    def read(self) -> bool:
        """Whether there was anything new."""
        records, more = self.follower.read()
        self._take(records)
        return more

    def rest(self) -> None:
        self._take(self.follower.rest(ended=False))

    def drain(self) -> None:
        while self.read():
            pass
        self._take(self.follower.rest(ended=True))

    def catch_up(self, newest: int, begun: dict[int, int]) -> None:
        """Lines that an earlier supervisor died before writing, or that were lost from the file: all after its last one."""
        self.begun = begun
        self.forget()
        last = self.metrics.last
        for line in self.metrics.tail:
            if line["segment"] == newest:
                self._note(line)
        for segment in range(max(1, last.get("segment", 1)), newest + 1):
            known = segment == last.get("segment")
            if not known and segment in begun:
                self._append(segment, [{"offset": 0, "from": begun[segment]}])
            try:
                self.follow(segment, LogFollower(self.log_of(segment), self.patterns, last["offset"] if known else 0))
            except FileNotFoundError:
                continue
            if segment == newest:
                self.drain()
                continue
            self.drain()
            self.forget()
        self.bad = None

    def _take(self, records: list[dict[str, Any]]) -> None:
        if self.step_follows:
            records = list(self._with_steps(records))
        if not records:
            return
        if self.metrics.was_cut():
            self._write_again()
            return
        self._append(self.segment, records)
        for record in records:
            self._note(record)

    def _with_steps(self, records: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Numbers without a step wait for the next step, and are of that one."""
        for record in records:
            if "step" in record:
                record, self.held = {**self.held, **record}, {}
            elif "checkpoint" not in record and "phase" not in record:
                self.held.update(record)
                continue
            yield record

    def _write_again(self) -> None:
        """The file lost lines: what the logs still have of them is read once more, this segment's by the follower as it goes on."""
        segment, follower, bad = self.segment, self.follower, self.bad
        self.metrics.repair()
        last = self.metrics.last
        self.catch_up(segment - 1, self.begun)
        self.follow(segment, follower)
        self.bad = bad
        known = last.get("segment") == segment
        if not known and segment in self.begun:
            self._append(segment, [{"offset": 0, "from": self.begun[segment]}])
        follower.rewind(last["offset"] if known else 0)

    def _append(self, segment: int, records: list[dict[str, Any]]) -> None:
        now = round(time.time(), 3)
        self.metrics.append([{"t": now, "segment": segment, **record} for record in records])

    def _note(self, record: dict[str, Any]) -> None:
        total, step = record.get("total"), record.get("step")
        if isinstance(total, int) and total != self.total:
            self.total, self.furthest = total, None
        if isinstance(step, int):
            self.furthest = max(step, self.furthest or 0)
        if self.fail_on_nan and not self.bad:
            self.bad = bad_loss(record)
