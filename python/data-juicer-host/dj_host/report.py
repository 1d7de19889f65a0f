"""What a job tells the host while it runs, and what it learns about itself."""

from __future__ import annotations

import json
import os
import time

INTERVAL = 0.5


class Report:
    """Phase, progress and counts of one job. Progress is sent at most every half second, phases at once."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe
        self.owner = os.getpid()
        self.phase = 'starting'
        self.sent_at = 0.0
        self.samples_in: int | None = None
        # The dataset as loaded, to say which sample failed.
        self.loaded: object | None = None
        # Samples left after each op, in order.
        self.kept: list[dict] = []
        self.notes: list[str] = []
        # An op is running: a run that it calls is part of it.
        self.inside = False

    def send(self, event: dict) -> None:
        """Writes one report; forks of the job stay silent."""
        if os.getpid() != self.owner:
            return
        data = json.dumps(event).encode() + b'\n'
        while data:
            data = data[os.write(self.pipe, data) :]

    def enter(self, phase: str) -> None:
        self.phase = phase
        self.sent_at = time.monotonic()
        self.send({'progress': {'phase': phase}})

    def progress(self, step: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self.sent_at >= INTERVAL:
            self.sent_at = now
            self.send({'progress': {'phase': self.phase, 'step': step, **({'total': total} if total else {})}})
