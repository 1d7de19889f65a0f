"""Leaves out work that changes no result: process pools for small data, plots that nobody asked for, re-reading after stats."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

# Starting a process costs about as much as these many samples: of ops that take batches, and of ops that take one (media).
BATCHED_SAMPLES_A_PROCESS = 5000
SINGLE_SAMPLES_A_PROCESS = 8


def save_time(plots: bool) -> None:
    """Replaces the slow ways by quick ones, in this process only."""
    import data_juicer.core.analyzer as analyzer
    import data_juicer.analysis.overall_analysis as overall
    from data_juicer.core.data import dj_dataset
    from data_juicer.ops.base_op import OP, Filter

    dj_dataset.NestedDataset.map = in_process(dj_dataset.NestedDataset.map)
    dj_dataset.NestedDataset.filter = in_process(dj_dataset.NestedDataset.filter)
    dj_dataset.setup_mp = forking(dj_dataset.setup_mp)
    OP.run = remembering(OP.run)
    OP.runtime_np = fitting(OP.runtime_np)
    Filter.run = stats_only(Filter.run)
    overall.Pool = InProcessPool
    if not plots:
        analyzer.ColumnWiseAnalysis = analyzer.CorrelationAnalysis = NoAnalysis


def in_process(method: Callable[..., Any]) -> Callable[..., Any]:
    """One process means this one; `datasets` would start a pool of one."""

    @wraps(method)
    def mapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get('num_proc') == 1:
            kwargs['num_proc'] = None
        return method(self, *args, **kwargs)

    return mapped


def remembering(run: Callable[..., Any]) -> Callable[..., Any]:
    """Every op's run begins with OP.run: the op learns how many samples it gets."""

    @wraps(run)
    def started(self: Any, dataset: Any) -> Any:
        self.samples_at_hand = len(dataset)
        return run(self, dataset)

    return started


def fitting(runtime_np: Callable[..., int]) -> Callable[..., int]:
    """At most as many processes as the data keeps busy. CUDA ops keep Data-Juicer's own number."""

    @wraps(runtime_np)
    def processes(self: Any) -> int:
        most = runtime_np(self)
        if self.use_cuda() or not isinstance(most, int):
            return most
        share = BATCHED_SAMPLES_A_PROCESS if self.is_batched_op() else SINGLE_SAMPLES_A_PROCESS
        return max(1, min(most, math.ceil(getattr(self, 'samples_at_hand', share) / share)))

    return processes


def forking(setup_mp: Callable[..., None]) -> Callable[..., None]:
    """Forks also where Data-Juicer spawns (each spawned process imports it anew), unless CUDA or OpenCV is at work in this process."""

    @wraps(setup_mp)
    def setup(method: list[str] | None = None) -> None:
        import sys

        from data_juicer.utils.resource_utils import is_cuda_available

        unsafe = method and ('cv2' in sys.modules or is_cuda_available())
        setup_mp(method if unsafe else ['fork'])

    return setup


def stats_only(run: Callable[..., Any]) -> Callable[..., Any]:
    """The Analyzer takes a filter's `process` away and then filters by nothing: the stats are all it wants."""

    @wraps(run)
    def ran(self: Any, dataset: Any, **kwargs: Any) -> Any:
        if self.process is None:
            kwargs['reduce'] = False
        return run(self, dataset, **kwargs)

    return ran


class InProcessPool:
    """As much of multiprocessing.Pool as the overall analysis uses: describing a column takes milliseconds."""

    def __init__(self, _processes: int) -> None:
        pass

    def apply_async(self, function: Callable[..., Any], kwds: dict) -> InProcessPool:
        done = InProcessPool(1)
        done.value = function(**kwds)
        return done

    def get(self) -> Any:
        return self.value

    def close(self) -> None:
        pass

    def join(self) -> None:
        pass


class NoAnalysis:
    """Stands in for the analyses that only draw."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        pass

    def analyze(self, **_kwargs: Any) -> None:
        pass
