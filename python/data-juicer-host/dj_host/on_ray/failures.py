"""What Ray raises in the job's process, told as what it is: something failed in another process, or Ray itself did."""

from __future__ import annotations

import re

from dj_host.errors import JobError, MissingModel, MissingPackage, PassingError, first_line
from dj_host.report import Report

# `ZeroDivisionError: division by zero`, the end of a traceback.
RAISED = re.compile(r'^(?:\w+\.)*(\w+): (.+)')
# A node or a process of Ray's own has died, not what ran there failed.
DIED = ('RaySystemError', 'LocalRayletDiedError', 'NodeDiedError', 'WorkerCrashedError', 'ObjectLostError', 'RpcError')


def raise_from_ray(error: Exception, report: Report) -> None:
    """Raises a JobError for an error of Ray's; returns for any other."""
    from ray import exceptions

    if isinstance(error, exceptions.RayTaskError):
        raise JobError(reason_in(str(error))) from error
    if isinstance(error, tuple(getattr(exceptions, name) for name in DIED if hasattr(exceptions, name))):
        raise PassingError(f'Ray died during {report.phase}: {first_line(error)}') from error


def reason_in(traceback: str) -> str:
    """The error that came first: others were raised from it."""
    for line in traceback.splitlines():
        found = RAISED.match(line)
        if found:
            name, words = found.groups()
            if name in (MissingPackage.__name__, MissingModel.__name__):
                return f'an op needs {words}'
            return f'a process of Ray failed: {name}: {words}'
    return f'a process of Ray failed: {traceback.strip().splitlines()[-1]}'
