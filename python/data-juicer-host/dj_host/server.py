"""The host's loop: requests in, forked jobs, replies out.

Requests (JSON lines on stdin):  {"id", "action", "recipe", "log", "scratch", "options"}   and   {"cancel": id}
Replies (JSON lines on stdout):  {"ready": {"versions", "seconds"}}   {"id", "progress": {"phase", "step"?, "total"?}}
                                 {"id", "done": {...}}   {"id", "failed": {"message", "passing"?, "crash"?: {"signal", "code"}}}
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import sys
import time

from dj_host.child import run_child
from dj_host.environment import prepare_environment, versions
from dj_host.running import Running
from dj_host.session import remove_left_over, short_folder

LINE_LIMIT = 64 * 1024 * 1024


class Server:
    """One selector over stdin, the jobs' pipes and SIGCHLD."""

    def __init__(self, requests: int, replies: int) -> None:
        self.requests = requests
        self.replies = replies
        self.buffer = b''
        self.jobs: dict[str, Running] = {}
        self.selector = selectors.DefaultSelector()
        # Children wait for this pipe's end: it comes when the host dies, however it dies.
        self.lifeline_read, self.lifeline_write = os.pipe()
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_write, False)
        os.set_blocking(self.wake_read, False)

    def serve(self) -> None:
        """Runs until stdin ends; then every job's session is killed."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        self.selector.register(self.requests, selectors.EVENT_READ)
        self.selector.register(self.wake_read, selectors.EVENT_READ)
        try:
            while self.step():
                pass
        finally:
            for job in self.jobs.values():
                job.sweep()
                shutil.rmtree(short_folder(job.pid), ignore_errors=True)

    def step(self) -> bool:
        """Waits for the next event and handles it; false at the end of stdin."""
        timeout = 0.2 if any(job.dying for job in self.jobs.values()) else None
        for key, _ in self.selector.select(timeout):
            if key.fd == self.requests:
                chunk = os.read(self.requests, 1 << 16)
                if not chunk:
                    return False
                self.receive(chunk)
            elif key.fd == self.wake_read:
                os.read(self.wake_read, 1 << 12)
            else:
                self.relay(key.data)
        for job in list(self.jobs.values()):
            job.kill_if_overdue()
            if job.exited():
                self.finish(job)
        return True

    def receive(self, chunk: bytes) -> None:
        """Takes in bytes of stdin and starts or cancels what complete lines say."""
        *lines, self.buffer = (self.buffer + chunk).split(b'\n')
        if len(self.buffer) > LINE_LIMIT:
            raise SystemExit('a request line is longer than 64 MiB')
        for line in lines:
            request = json.loads(line)
            if 'cancel' in request:
                if request['cancel'] in self.jobs:
                    self.jobs[request['cancel']].cancel()
            else:
                self.start(request)

    def start(self, request: dict) -> None:
        """Forks the job's process."""
        read, write = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(read)
            os.close(write)
            self.reply({'id': str(request['id']), 'failed': {'message': f'no process could be started for the job: {error}'}})
            return
        if pid == 0:
            signal.set_wakeup_fd(-1)
            own = {self.requests, self.replies, self.lifeline_write, self.wake_read, self.wake_write, read}
            others = {job.pipe for job in self.jobs.values()}
            self.selector.close()
            for fd in own | others:
                os.close(fd)
            run_child(request, write, self.lifeline_read)
        os.close(write)
        job = Running(str(request['id']), pid, read)
        self.jobs[job.id] = job
        self.selector.register(read, selectors.EVENT_READ, job)

    def relay(self, job: Running) -> None:
        """Passes on what a job reports."""
        for event in job.events():
            self.reply({'id': job.id, **event})
        if job.closed:
            self.selector.unregister(job.pipe)
            job.closed = False

    def finish(self, job: Running) -> None:
        """The job's process ended: sweeps what it left behind and says how it ended if it did not say so itself."""
        job.sweep()
        shutil.rmtree(short_folder(job.pid), ignore_errors=True)
        for event in job.events():
            self.reply({'id': job.id, **event})
        if not job.answered:
            self.reply({'id': job.id, 'failed': job.crash()})
        if job.pipe in self.selector.get_map():
            self.selector.unregister(job.pipe)
        os.close(job.pipe)
        del self.jobs[job.id]

    def reply(self, message: dict) -> None:
        """Writes one line; the worker always reads, so this does not block for long."""
        data = json.dumps(message).encode() + b'\n'
        while data:
            data = data[os.write(self.replies, data) :]


def main() -> int:
    """Imports Data-Juicer, says that it is ready, serves."""
    # The terminal's Ctrl-C is for the worker: it decides what happens to running jobs.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.dup(1)
    # Whatever prints from here on goes to stderr.
    os.dup2(2, 1)
    requests = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    started = time.monotonic()
    remove_left_over()
    prepare_environment()
    server = Server(requests, replies)
    server.reply({'ready': {'versions': versions(), 'seconds': round(time.monotonic() - started, 2)}})
    server.serve()
    sys.stderr.flush()
    # Library threads and exit handlers have nothing to finish.
    os._exit(0)
