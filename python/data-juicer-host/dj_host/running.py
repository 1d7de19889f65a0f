"""A job's process as the host sees it: its pipe, its end, its process group."""

from __future__ import annotations

import json
import os
import signal
import time

from dj_host.session import end_others

KILL_AFTER = 2.0


class Running:
    """Reads a job's reports without blocking and ends its whole session."""

    def __init__(self, job_id: str, pid: int, pipe: int) -> None:
        self.id = job_id
        self.pid = pid
        self.pipe = pipe
        self.buffer = b''
        self.answered = False
        self.closed = False
        self.status: int | None = None
        self.cancelled_at: float | None = None
        self.phase = ''
        os.set_blocking(pipe, False)

    @property
    def dying(self) -> bool:
        return self.cancelled_at is not None

    def events(self) -> list[dict]:
        """Reports that have arrived in full."""
        while True:
            try:
                chunk = os.read(self.pipe, 1 << 16)
            except BlockingIOError:
                break
            if not chunk:
                self.closed = True
                break
            self.buffer += chunk
        *lines, self.buffer = self.buffer.split(b'\n')
        found = [json.loads(line) for line in lines]
        for event in found:
            self.answered = self.answered or 'done' in event or 'failed' in event
            self.phase = event.get('progress', {}).get('phase', self.phase)
        return found

    def cancel(self) -> None:
        """Asks the group to end; `kill_if_overdue` makes it."""
        if self.cancelled_at is None:
            self.cancelled_at = time.monotonic()
            self.kill_group(signal.SIGTERM)

    def kill_if_overdue(self) -> None:
        if self.cancelled_at is not None and time.monotonic() - self.cancelled_at > KILL_AFTER:
            self.sweep()

    def kill_group(self, number: int) -> None:
        # The child leads its own session; before it got that far its group is the host's, so its pid is all there is to signal.
        for send in (os.killpg, os.kill):
            try:
                send(self.pid, number)
                return
            except (ProcessLookupError, PermissionError):
                continue

    def sweep(self) -> None:
        """Ends what the job's ended process has left running."""
        self.kill_group(signal.SIGKILL)
        end_others(self.pid, signal.SIGKILL)

    def exited(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None

    def crash(self) -> dict:
        """Why a job that reported no end has ended."""
        code = os.waitstatus_to_exitcode(self.status or 0)
        during = f' during {self.phase}' if self.phase else ''
        if code >= 0:
            return {'message': f"the job's process exited with code {code}{during}", 'crash': {'signal': None, 'code': code}}
        name = signal.Signals(-code).name
        why = ', most often because memory ran out: use fewer processes (np) or a smaller dataset' if name == 'SIGKILL' else ''
        return {'message': f"the job's process was ended by {name}{during}{why}", 'crash': {'signal': name, 'code': None}}
