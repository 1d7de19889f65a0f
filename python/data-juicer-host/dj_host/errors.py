"""Turns whatever stopped a job into one sentence that says what was wrong and what would be right."""

from __future__ import annotations

import re
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dj_host.report import Report

OP_FILE = re.compile(r'/ops/(?:filter|mapper|deduplicator|selector|grouper|aggregator|pipeline)/(?:\w+/)*(\w+)\.py$')
HUB = re.compile(r'offline mode|couldn.t connect to|LocalEntryNotFound|outgoing traffic has been disabled', re.IGNORECASE)


class JobError(Exception):
    """Its message is the sentence for the user."""


class PassingError(JobError):
    """What stopped the job is no fault of its own, and may be gone at the next try."""


class MissingPackage(ImportError):
    """A Python package that an op asks for is not in the environment."""


class MissingModel(RuntimeError):
    """A model file that an op would download is not there."""


ENVIRONMENT_ERRORS = (ImportError, MissingModel, MemoryError)


def explain(error: BaseException, report: Report) -> str:
    """One sentence for the error, with the op that it comes from."""
    if isinstance(error, JobError):
        return str(error)
    op = op_of(error) or (report.phase if report.phase.endswith(KINDS) else None)
    where = f'op {op}' if op else 'Data-Juicer'
    if isinstance(error, (MissingPackage, MissingModel)):
        return f'{where} needs {error}'
    if type(error).__name__ in ('PipelineConfigError', 'PipelineRuntimeError'):
        return 'the recipe does not fit its ops: ' + '; '.join(map(str, error.errors))
    if isinstance(error, ModuleNotFoundError):
        return f'{where} needs the Python package {error.name} in the Data-Juicer environment: install it there, or leave the op out'
    words = first_line(root_of(error))
    if HUB.search(f'{type(error).__name__} {error}'):
        return (
            f'{where} needs a model or dataset from a hub, and downloads are off while jobs run: fetch it beforehand into the '
            f"hub's cache (HF_HOME), or give the path of a local copy ({words})"
        )
    return f'{where} failed: {words}'


KINDS = ('_filter', '_mapper', '_deduplicator', '_selector', '_grouper', '_aggregator')


def op_of(error: BaseException) -> str | None:
    """The op whose file the error passed through, innermost first."""
    found = None
    trace: TracebackType | None = error.__traceback__
    while trace:
        match = OP_FILE.search(Path(trace.tb_frame.f_code.co_filename).as_posix())
        found = match.group(1) if match else found
        trace = trace.tb_next
    return found


def root_of(error: BaseException) -> BaseException:
    """What an error was raised from, to the bottom: the outer ones only say that something failed."""
    while error.__cause__ and not type(error.__cause__).__name__.startswith('RemoteTraceback'):
        error = error.__cause__
    return error


def first_line(error: BaseException) -> str:
    """Type and first line of the message, at most 300 letters."""
    lines = str(error).strip().splitlines()
    text = f'{type(error).__name__}: {lines[0]}' if lines else type(error).__name__
    return text if len(text) <= 300 else text[:299] + '…'
