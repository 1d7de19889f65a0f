"""Reads a growing log: bytes in, records out, each with the offset at which its line ends."""

from __future__ import annotations

import os
from collections.abc import Iterator

from patterns import Patterns, Record

CHUNK = 1 << 20
# Longer lines are passed over unread: no log line that means something is longer, and a line without an end must not fill the memory.
LINE_CAP = 16 << 10


class LogFollower:
    """Follows one log from an offset. Carriage returns end a line as newlines do: tqdm rewrites its bar with them."""

    def __init__(self, path: str, patterns: Patterns, offset: int = 0):
        self.file = open(path, "rb", buffering=0)
        self.patterns = patterns
        self.rewind(offset)

    def rewind(self, offset: int) -> None:
        """Goes on at an offset at which a line begins; at the start where the log is shorter by now."""
        self.offset = offset if offset <= os.fstat(self.file.fileno()).st_size else 0  # where `pending` starts
        self.file.seek(self.offset)
        self.pending = b""
        self.passing_over = False

    def read(self) -> tuple[list[Record], bool]:
        """Records of the next piece of the log, and whether there was any piece."""
        data = self.file.read(CHUNK)
        if not data:
            return [], self._was_cut()
        data = data.replace(b"\r", b"\n")
        cut = data.rfind(b"\n") + 1
        records: list[Record] = []
        if cut:
            start, body = self.offset, self.pending + data[:cut]
            if self.passing_over:
                skipped = body.index(b"\n")
                start, body = start + skipped, body[skipped:]
                self.passing_over = False
            records = list(self._records(start, body))
            self.offset, self.pending = start + len(body), b""
        self._hold(data[cut:])
        return records, True

    def _was_cut(self) -> bool:
        """A log that was copied and emptied (logrotate's copytruncate) goes on at its start, perhaps in the middle of a line."""
        if os.fstat(self.file.fileno()).st_size >= self.file.tell():
            return False
        self.file.seek(0)
        self.offset = -len(self.pending)
        return True

    def rest(self, ended: bool) -> list[Record]:
        """
        The unfinished last line as a record: when the program has ended, or when it is a whole progress bar
        (tqdm ends a bar only by drawing the next one, which may be minutes away).
        """
        bar = b"%|" in self.pending and self.pending.rstrip().endswith(b"]")
        if not self.pending or not (ended or bar):
            return []
        records = list(self._records(self.offset, self.pending + b"\n"))
        self.offset, self.pending = self.offset + len(self.pending), b""
        return records

    def _hold(self, tail: bytes) -> None:
        if self.passing_over or len(self.pending) + len(tail) > LINE_CAP:
            self.offset += len(self.pending) + len(tail)
            self.pending, self.passing_over = b"", True
        else:
            self.pending += tail

    def _records(self, start: int, body: bytes) -> Iterator[Record]:
        for first, end in self._candidates(body):
            if first < end <= first + LINE_CAP:
                record = self.patterns.parse(body[first:end].decode("utf-8", "replace"))
                if record:
                    yield {**record, "offset": start + end}

    def _candidates(self, body: bytes) -> Iterator[tuple[int, int]]:
        """Start and end of each line that some pattern may match; `body` ends with a newline."""
        literals = self.patterns.literals
        if literals is None:
            first = 0
            while first < len(body):
                end = body.index(b"\n", first)
                yield first, end
                first = end + 1
            return
        lines: dict[int, int] = {}
        for literal in literals:
            at = body.find(literal)
            while at >= 0:
                end = body.index(b"\n", at)
                lines[body.rfind(b"\n", 0, at) + 1] = end
                at = body.find(literal, end)
        yield from sorted(lines.items())
