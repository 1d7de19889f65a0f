"""Progress of a Ray job: Data-Juicer's events become phases, Ray Data's counts of rows become steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from dj_host.report import Report

# Events that say where the job is; all others are of no use to who waits.
TOLD = {'op_start', 'checkpoint_save', 'checkpoint_load'}


def watch_ray(report: Report) -> None:
    """Replaces Data-Juicer's event log and Ray Data's progress by versions that also report, in this process only."""
    from data_juicer.core.executor.event_logging_mixin import EventLoggingMixin
    from data_juicer.core.ray_exporter import RayExporter
    from ray.data._internal.progress.logging_progress import LoggingExecutionProgressManager as RowProgress

    EventLoggingMixin._log_event = telling(EventLoggingMixin._log_event, report)
    RayExporter.export = exporting(RayExporter.export, report)
    RowProgress.update_total_progress = counting_rows(RowProgress.update_total_progress, report)


def telling(log: Callable[..., Any], report: Report) -> Callable[..., Any]:
    @wraps(log)
    def logged(self: Any, event_type: Any, message: str, **kwargs: Any) -> Any:
        if event_type.value in TOLD:
            report.enter(phase_of(event_type.value, kwargs))
        return log(self, event_type, message, **kwargs)

    return logged


def phase_of(event: str, details: dict) -> str:
    """`text_length_filter, partition 3`: partitions count from 1 here, from 0 in Data-Juicer."""
    op = details.get('operation_name') or ''
    partition = details.get('partition_id')
    where = f', partition {partition + 1}' if isinstance(partition, int) else ''
    words = {'checkpoint_save': f'checkpoint after {op}', 'checkpoint_load': 'going on from a checkpoint'}
    return words.get(event, op) + where


def exporting(export: Callable[..., Any], report: Report) -> Callable[..., Any]:
    @wraps(export)
    def exported(self: Any, dataset: Any, columns: Any = None) -> Any:
        report.enter('exporting')
        # With the columns of the input Data-Juicer would not find those that it is to leave out: stats, hashes.
        return export(self, dataset)

    return exported


def counting_rows(update: Callable[..., Any], report: Report) -> Callable[..., Any]:
    """Rows that the dataset at work has put out so far, of those expected."""

    @wraps(update)
    def updated(self: Any, new_rows: int, total_rows: int | None) -> Any:
        done = update(self, new_rows, total_rows)
        metric = self._global_progress_metric
        # Loading counts the input, whose own rows are not what is put out.
        if report.phase != 'loading':
            report.progress(int(metric.completed), int(metric.total) if metric.total else None)
        return done

    return updated
