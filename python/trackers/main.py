"""Sends trials to one tracker: what is on disk of them, as it comes. A follower, no part of any job: it may be killed at any moment.

    stdin   {"folder": F, "name": N, "tracker": {"type", …}}     a trial to be sent, until it has ended; end of input: send what there is and end
    stdout  {"folder": F, "sent": rows, "done": …, "error": …}   what came of it;  {"beat": true}   it is alive

`--once`: each trial is sent as far as it has got, then the program ends.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from typing import Any

POLL_SECONDS = 2.0
FIRST_WAIT, LONGEST_WAIT = 2.0, 300.0
TAKEN_WAIT = 5.0
# At the end of input: the worker ends, and what is left over is sent later.
REST_SECONDS = 5.0
ERROR_CHARS = 500
# Runs that are open at the tracker at once.
MOST_OPEN = 32
# Of niceness: a 68th of what a program has that says nothing.
LOWEST = 19
# Of the time that it waited for a processor: where all are taken it takes a quarter of its share.
PAUSE = 3
SHORTEST_PAUSE = 0.5
# A client that hangs when the worker has gone.
LAST_SECONDS = 60.0
SECRETS = ("WANDB_API_KEY", "MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_PASSWORD")


def mode_of(tracker: dict[str, Any]) -> str | None:
    """Of W&B: whether it writes files or talks to a server; None of others."""
    if tracker["type"] != "wandb":
        return None
    given = tracker.get("mode", "auto")
    return given if given != "auto" else "online" if os.environ.get("WANDB_API_KEY") else "offline"


def sentence(error: Exception) -> str:
    """What a client says, on one line; it may quote what it was given."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    for secret in filter(None, map(os.environ.get, SECRETS)):
        text = text.replace(secret, "***")
    return text[:ERROR_CHARS]


def open_with(tracker: dict[str, Any]) -> Any:
    """Opens runs of a tracker; its client is loaded when the first is opened."""

    def opened(run: dict[str, Any], state: Any) -> Any:
        if tracker["type"] == "wandb":
            from on_wandb import WandB

            return WandB(run, state, tracker)
        if tracker["type"] == "mlflow":
            from on_mlflow import MLflow

            return MLflow(run, state, tracker)
        from on_tensorboard import TensorBoard

        return TensorBoard(run, state, tracker)

    return opened


class Sender:
    """All trials that go to one tracker, in turns."""

    def __init__(self, answers: Any, once: bool):
        self.answers, self.once = answers, once
        self.given: dict[str, dict[str, Any]] = {}
        self.follows: dict[str, Any] = {}
        self.due: dict[str, float] = {}
        self.waits: dict[str, float] = {}

    def answer(self, message: dict[str, Any]) -> None:
        self.answers.write(json.dumps(message) + "\n")
        self.answers.flush()

    def give(self, message: dict[str, Any]) -> None:
        folder = message["folder"]
        self.given.setdefault(folder, message)
        self.due[folder] = 0.0

    def turn(self) -> bool:
        """Each trial that is due sends a batch; whether any had one."""
        busy = False
        for folder in list(self.given):
            # Others wait on disk until one of these has ended.
            may_open = folder in self.follows or len(self.follows) < MOST_OPEN
            if may_open and self.due[folder] <= time.monotonic():
                busy |= self._advance(folder)
                self.answer({"beat": True})
        return busy

    def _advance(self, folder: str) -> bool:
        from follow import Follow
        from state import Taken

        message = self.given[folder]
        waited = waited_for_processor()
        try:
            if folder not in self.follows:
                tracker = message["tracker"]
                self.follows[folder] = Follow(folder, message["name"], mode_of(tracker), open_with(tracker))
            follow = self.follows[folder]
            rows = follow.advance()
        except Taken:
            if self.once:
                self._over(folder, None, busy=True)
            else:
                self.due[folder] = time.monotonic() + TAKEN_WAIT
            return False
        except Exception as error:  # whatever a client of others raises
            self._failed(folder, error)
            return False
        self.waits.pop(folder, None)
        if rows > 0:
            self.answer({"folder": folder, "sent": follow.sent})
            pause = 0.0 if self.once else PAUSE * (waited_for_processor() - waited)
            if pause > SHORTEST_PAUSE:
                self.due[folder] = time.monotonic() + min(pause, LONGEST_WAIT)
                return False
        elif follow.is_done or self.once:
            self._over(folder, None)
        else:
            self.due[folder] = time.monotonic() + POLL_SECONDS
        return rows > 0

    def _failed(self, folder: str, error: Exception) -> None:
        why = sentence(error)
        if self.once:
            self._over(folder, why)
            return
        self._close(folder)
        wait = self.waits[folder] = min(LONGEST_WAIT, 2 * self.waits.get(folder, FIRST_WAIT / 2))
        self.due[folder] = time.monotonic() + wait
        self.answer({"folder": folder, "error": why})

    def _over(self, folder: str, error: str | None, busy: bool = False) -> None:
        follow = self.follows.get(folder)
        sent, done = (follow.sent, follow.is_done) if follow else (0, False)
        failed = self._close(folder)
        del self.given[folder], self.due[folder]
        self.answer({"folder": folder, "sent": sent, "done": done, "over": True, "busy": busy, "error": error or failed})

    def _close(self, folder: str) -> str | None:
        follow = self.follows.pop(folder, None)
        try:
            if follow is not None:
                follow.close()
        except Exception as error:  # it is on its way out
            return sentence(error)
        return None

    def close(self) -> None:
        for folder in list(self.follows):
            self._close(folder)


def waited_for_processor() -> float:
    """Seconds so far that it could have run and had none, as Linux counts them."""
    try:
        with open("/proc/self/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def give_way() -> None:
    """Takes of the processor what nothing else wants. Linux weighs sessions before it weighs the programs in them: the niceness of a program alone in its own says nothing."""
    os.nice(LOWEST)
    try:
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write(str(LOWEST))
    except OSError:
        pass  # a kernel without groups of sessions


def main() -> None:
    # Clients of others may print: only answers go to what was stdout.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sender = Sender(answers, once="--once" in sys.argv)
    if not sender.once:
        give_way()
    messages: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read_into, args=(messages,), daemon=True).start()
    busy, closing = False, None
    while True:
        try:
            message = messages.get(block=not busy, timeout=0.5)
            if message is None:
                closing = time.monotonic() + REST_SECONDS
            else:
                sender.give(json.loads(message))
                continue
        except queue.Empty:
            pass
        busy = sender.turn()
        sender.answer({"beat": True})
        if sender.once and closing is not None and not sender.given:
            break
        if not sender.once and closing is not None and (not busy or time.monotonic() > closing):
            break
    sender.close()


def _read_into(messages: queue.Queue[str | None]) -> None:
    for line in sys.stdin:
        messages.put(line)
    messages.put(None)
    if "--once" not in sys.argv:
        time.sleep(LAST_SECONDS)
        os._exit(1)


if __name__ == "__main__":
    main()
