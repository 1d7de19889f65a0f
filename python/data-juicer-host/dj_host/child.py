"""What runs in a job's process, from the fork to its exit."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from typing import NoReturn

from dj_host.errors import PassingError, explain
from dj_host.report import Report
from dj_host.session import end_others


def run_child(request: dict, pipe: int, lifeline: int) -> NoReturn:
    """Runs one job and exits; its output is the job's log, its reports go to `pipe`."""
    code = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=die_with_host, args=(lifeline,), daemon=True).start()
        report = Report(pipe)
        code = run_job(request, report)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Exit handlers belong to the host.
        os._exit(code)


def run_job(request: dict, report: Report) -> int:
    """Runs the action and reports its result or, in one sentence, why there is none."""
    try:
        send_output_to(request['log'])
        from dj_host.actions import ACTIONS

        report.send({'done': ACTIONS[request['action']](request, report)})
        return 0
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        report.send({'failed': {'message': explain(error, report), 'passing': isinstance(error, PassingError)}})
        return 1


def send_output_to(log: str) -> None:
    """stdout and stderr go to the end of the job's log."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def die_with_host(lifeline: int) -> None:
    """Ends the job's whole session as soon as the host is gone."""
    os.read(lifeline, 1)
    end_others(os.getpid(), signal.SIGKILL)
    os.killpg(0, signal.SIGKILL)
