"""Says in the log what is being done and how far it is: `[reading d.jsonl] 120000 samples`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

EVERY_SECONDS = 2.0
# A long sort says nothing of itself: its line again, so that it does not look stalled.
AGAIN_AFTER = 30


class Progress:
    """The state that a thread prints, because a query of DuckDB keeps the main one for minutes."""

    def __init__(self) -> None:
        self._phase = ""
        self._step = 0
        self._total: int | None = None
        self._ended = threading.Event()

    def phase(self, phase: str, total: int | None = None) -> None:
        """Begins something new; steps count from 0."""
        self._phase, self._step, self._total = phase, 0, total
        self._say()

    def step(self, step: int) -> None:
        """Samples done so far."""
        self._step = step

    @contextmanager
    def told(self) -> Iterator["Progress"]:
        """Prints while it is open."""
        thread = threading.Thread(target=self._tell, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    def _tell(self) -> None:
        said = None
        silent = 0
        while not self._ended.wait(EVERY_SECONDS):
            now = (self._phase, self._step)
            silent = 0 if now != said else silent + 1
            if silent == 0 or silent * EVERY_SECONDS >= AGAIN_AFTER:
                said, silent = now, 0
                self._say()

    def _say(self) -> None:
        total = "" if self._total is None else f"/{self._total}"
        print(f"[{self._phase}] {self._step}{total} samples", flush=True)
