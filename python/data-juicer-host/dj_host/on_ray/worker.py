"""Processes of Ray's that run ops: set up as the job's own is, by the first call of an op's method in each."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any


def set_up_workers() -> None:
    """Replaces Data-Juicer's wrappers around the methods of ops, as they stand now, by ones that set up the process that they are called in."""
    from data_juicer.ops import base_op

    base_op.catch_map_batches_exception = in_ready_process(base_op.catch_map_batches_exception)
    base_op.catch_map_single_exception = in_ready_process(base_op.catch_map_single_exception)


def in_ready_process(catch: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(catch)
    def caught(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        call = catch(method, *args, **kwargs)

        @wraps(call)
        def called(*args: Any, **kwargs: Any) -> Any:
            get_process_ready()
            return call(*args, **kwargs)

        return called

    return caught


@lru_cache(maxsize=1)
def get_process_ready() -> None:
    from dj_host.offline import forbid_installs_and_downloads
    from dj_host.video_backend import set_video_backend

    forbid_installs_and_downloads()
    set_video_backend()
