"""One trial on its way to one tracker."""

from __future__ import annotations

import json
import os
from typing import Any, Protocol

from metrics import Row
from names import settings_of
from state import State
from story import Position, Story

BATCH = 500


class Sink(Protocol):
    """A run at a tracker. Whatever a method raises ends the sink; another is opened later from what was saved."""

    next_seq: int | None
    """The first row that it does not have; None: the newest saved position says."""

    def settings(self, values: dict[str, Any]) -> None: ...
    def log(self, rows: list[Row]) -> None: ...
    def flush(self) -> None: ...
    def finish(self, how: str) -> None: ...
    def close(self) -> None: ...


class Follow:
    """Sends what is new of a trial, from where the tracker has it, until the trial has ended and all is sent."""

    def __init__(self, folder: str, name: str, mode: str | None, open_sink: Any):
        self.folder, self.open_sink = folder, open_sink
        with open(os.path.join(folder, "follow.json"), encoding="utf-8") as file:
            self.run = json.load(file)
        self.state = State(os.path.join(folder, f"{name}.json"))
        if self.state.own.get("mode", mode) != mode:
            # What went to files is not at the server, and the other way round: it begins anew there.
            self.state.is_done, self.state.marks = False, []
        self.sink: Sink | None = None
        self.story: Story | None = None
        self.has_settings = False
        self.sent = self.state.position().seq

    @property
    def is_done(self) -> bool:
        return self.state.is_done

    def advance(self) -> int:
        """Sends at most a batch; answers with how many rows it was."""
        if self.is_done:
            return 0
        story, sink = self._opened()
        rows = story.read(BATCH)
        if not self.has_settings and story.first_plan():
            sink.settings(settings_of(story.first_plan(), self.run.get("set") or {}))
            self.has_settings = True
        # What the tracker has already, though this was not saved any more.
        new = [row for row in rows if row.seq >= (sink.next_seq or 0)]
        if new:
            sink.log(new)
        if rows:
            sink.flush()
            self.state.save(story.at)
            self.sent = story.at.seq
        elif story.ended is not None:
            sink.finish(story.ended)
            self.sink = None
            self.state.is_done = True
            self.state.save(story.at)
        return len(rows)

    def _opened(self) -> tuple[Story, Sink]:
        if self.sink is None or self.story is None:
            self.sink = self.open_sink(self.run, self.state)
            at: Position = self.state.position(self.sink.next_seq)
            self.story = Story(self.folder, self.run["workDir"], at)
        return self.story, self.sink

    def close(self) -> None:
        try:
            if self.sink is not None:
                self.sink.close()
        finally:
            self.sink = None
            self.state.close()
