"""Whether a program that ended by itself is worth starting again. What its log can say is data: `restarts.causes` of the spec."""

from __future__ import annotations

import os
import re

from patterns import clean_line, to_python

SEARCHED_BYTES = 64 << 10
SEARCHED_LINES = 120
# A shell says by such exit codes that a signal ended what it ran.
BY_SIGNAL = 128


def cause_in(log: str, causes: list[dict[str, str]]) -> str | None:
    """What the first cause that the end of the log shows says of trying again: `never`, `passing`, `checkpoint`; None if none shows."""
    lines = _last_lines(log)
    for cause in causes:
        pattern = re.compile(to_python(cause["pattern"]), re.ASCII)
        if any(pattern.search(line) for line in lines):
            return cause["retry"]
    return None


def is_worth_it(code: int | None, ended_by: str | None, cause: str | None, progress: bool) -> bool:
    """
    What ended well: no. A signal and what passes by itself: yes. What stays: no. What is not known: only where it came further than ever before, so that what
    fails at the same step again is not tried a third time.
    """
    if code == 0:
        return False
    if ended_by or (code or 0) > BY_SIGNAL or cause in ("passing", "checkpoint"):
        return True
    return cause != "never" and progress


def _last_lines(log: str) -> list[str]:
    try:
        with open(log, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - SEARCHED_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [clean_line(line) for line in re.split(r"[\r\n]+", text)][-SEARCHED_LINES:]
