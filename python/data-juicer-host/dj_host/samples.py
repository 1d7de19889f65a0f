"""Samples on which an op fails: found one by one, written down with the reason, and left out of the batch.

Data-Juicer either drops a failing sample (with its whole batch) in silence or dies of the first. Here all failing samples of an op
are known when the op ends; whether the job goes on then is the caller's choice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from dj_host.errors import ENVIRONMENT_ERRORS, first_line
from dj_host.media import BadMedia, check_videos

FILE_VARIABLE = 'DJ_SANDBOX_FAILED_SAMPLES'
LIMIT_VARIABLE = 'DJ_SANDBOX_FAILED_LIMIT'
# Enough to see what is wrong; past it an op that fails everywhere need not be tried on every sample.
LIMIT = 20

Method = Callable[..., Any]


class TooManyFailures(Exception):
    """So many samples failed that the op is stopped."""


def watch_samples(file: Path, allowed: bool) -> None:
    """Replaces Data-Juicer's wrappers around the methods of ops, in this process and those that it starts."""
    from data_juicer.ops import base_op

    # An earlier attempt's list says nothing of this one.
    file.unlink(missing_ok=True)
    os.environ[FILE_VARIABLE] = str(file)
    os.environ[LIMIT_VARIABLE] = '' if allowed else str(LIMIT)
    base_op.catch_map_batches_exception = catch_batches
    base_op.catch_map_single_exception = catch_single


def failed_samples() -> list[dict]:
    """What was written down so far, in every process of the job."""
    file = Path(os.environ[FILE_VARIABLE])
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def catch_batches(method: Method, skip_op_error: bool = False, op_name: str | None = None) -> Method:
    """Wraps a method that takes a batch (a dict of lists)."""
    from data_juicer.ops.base_op import Filter, convert_arrow_to_python

    masks = isinstance(getattr(method, '__self__', None), Filter) and method.__name__.startswith('process')

    @wraps(method)
    @convert_arrow_to_python
    def wrapper(samples: dict, *args: Any, **kwargs: Any) -> Any:
        return run_batch(method, samples, op_name or method.__name__, masks, args, kwargs)

    return wrapper


def catch_single(
    method: Method, return_sample: bool = True, skip_op_error: bool = False, op_name: str | None = None
) -> Method:
    """Wraps a method that takes one sample; Data-Juicer hands it a batch of one, or in turbo mode the sample itself."""
    from data_juicer.ops import base_op

    def one(samples: dict, *args: Any, **kwargs: Any) -> Any:
        result = method(base_op.convert_dict_list_to_list_dict(samples)[0], *args, **kwargs)
        return base_op.convert_list_dict_to_dict_list([result]) if return_sample else [result]

    @wraps(method)
    @base_op.convert_arrow_to_python
    def wrapper(samples: dict, *args: Any, **kwargs: Any) -> Any:
        if not all(isinstance(column, list) for column in samples.values()) or len(set(map(len, samples.values()))) != 1:
            return method(samples, *args, **kwargs)
        return run_batch(one, samples, op_name or method.__name__, not return_sample, args, kwargs)

    return wrapper


def run_batch(method: Method, samples: dict, op: str, masks: bool, args: tuple, kwargs: dict) -> Any:
    """Runs a batch; where it fails, its samples one by one, leaving out those that fail."""
    # A method may change the batch before it fails.
    before = {key: list(samples[key]) for key in samples.keys()}
    size = len(next(iter(before.values()), []))
    try:
        if op.startswith('video_'):
            for paths in before.get(video_key_of(method), []):
                check_videos(paths)
        result = method(samples, *args, **kwargs)
        return list(result) if masks else result
    except ENVIRONMENT_ERRORS:
        raise
    except Exception as error:
        if size == 1:
            write_down(op, error, {key: column[0] for key, column in before.items()})
            return [False] if masks else {key: [] for key in before}
    from data_juicer.core.data.dj_dataset import NestedQueryDict

    parts = []
    for n in range(size):
        sample = NestedQueryDict({key: column[n : n + 1] for key, column in before.items()})
        parts.append(run_batch(method, sample, op, masks, args, kwargs))
    if masks:
        return [kept for part in parts for kept in part]
    whole = [part for part in parts if any(part.values())]
    keys = whole[0].keys() if whole else before.keys()
    return {key: [value for part in whole for value in part[key]] for key in keys}


def video_key_of(method: Method) -> str:
    """The dataset's key for videos, as the op knows it."""
    owner = getattr(method, '__self__', None)
    for cell in getattr(method, '__closure__', None) or ():
        owner = owner or getattr(cell.cell_contents, '__self__', None)
    return getattr(owner, 'video_key', 'videos')


def write_down(op: str, error: Exception, sample: dict) -> None:
    """Adds a line to the job's list of failed samples; one write, so lines of several processes do not mix."""
    reason = str(error) if isinstance(error, BadMedia) else first_line(error)
    kept = {key: value for key, value in sample.items() if not key.startswith('__dj__')}
    line = json.dumps({'op': op, 'reason': reason, 'sample': kept}, default=repr) + '\n'
    with open(os.environ[FILE_VARIABLE], 'ab', buffering=0) as file:
        file.write(line.encode())
    limit = os.environ[LIMIT_VARIABLE]
    if limit and file_lines(os.environ[FILE_VARIABLE]) >= int(limit):
        raise TooManyFailures(op) from error


def file_lines(path: str) -> int:
    with open(path, 'rb') as file:
        return sum(1 for _ in file)
