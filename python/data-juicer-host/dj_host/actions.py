"""What jobs do: analyse a dataset, or process it."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dj_host.errors import JobError
from dj_host.observe import watch_job
from dj_host.offline import forbid_installs_and_downloads
from dj_host.quick import save_time
from dj_host.recipes import prepared
from dj_host.report import Report
from dj_host.samples import failed_samples, watch_samples
from dj_host.video_backend import choose_video_backend


Action = Callable[[dict, Report], dict]


def in_scratch(action: Action) -> Action:
    """Sets the process up for one job, and removes its caches when it ends."""

    def run(request: dict, report: Report) -> dict:
        scratch = Path(request['scratch'])
        scratch.mkdir(parents=True, exist_ok=True)
        options = request['options']
        allowed = bool(options.get('allowFailedSamples'))
        quieten()
        forbid_installs_and_downloads()
        watch_samples(scratch / 'failed-samples.jsonl', allowed)
        choose_video_backend(report, request['recipe'])
        try:
            result = action(request, report)
        finally:
            shutil.rmtree(scratch / 'cache', ignore_errors=True)
        counts = {'samplesIn': report.samples_in, 'kept': report.kept, 'failed': len(failed_samples())}
        return {'analysis': '', 'stats': {}, **result, **counts, 'notes': report.notes}

    return run


def quieten() -> None:
    """Data-Juicer logs every detail until told otherwise."""
    from loguru import logger

    logger.remove()
    logger.add(sys.stderr, level='INFO')


@in_scratch
def analyze(request: dict, report: Report) -> dict:
    """Analyses where the recipe says: stats of every filter, the dataset with its stats at export_path, overall.csv and overall.md."""
    return chosen(ANALYZERS, request)(request, report)


@in_scratch
def process(request: dict, report: Report) -> dict:
    """Processes where the recipe says: the processed dataset at export_path."""
    return chosen(EXECUTORS, request)(request, report)


def chosen(ways: dict[str, Action], request: dict) -> Action:
    """The way of doing it that the recipe's `executor_type` names."""
    name = request['recipe'].get('executor_type') or 'default'
    if name not in ways:
        raise JobError(f'executor_type {name} is none that Data-Juicer has: use one of {", ".join(ways)}')
    return ways[name]


def analyze_here(request: dict, report: Report) -> dict:
    """Runs the Analyzer in this process."""
    from data_juicer.core.analyzer import Analyzer

    watch_here(request, report)
    config = prepared(request)
    analyzer = Analyzer(config)
    dataset = analyzer.run()
    if analyzer.overall_result is None:
        raise JobError('there is nothing to analyse: no op of the recipe computes stats; add the filters whose stats are wanted')
    return {
        'exportPath': config.export_path,
        'samplesOut': len(dataset),
        'analysis': analyzer.analysis_path,
        'stats': numbers(analyzer.overall_result),
    }


def process_here(request: dict, report: Report) -> dict:
    """Runs the executor in this process."""
    from data_juicer.core.executor.default_executor import DefaultExecutor

    watch_here(request, report)
    config = prepared(request)
    dataset = DefaultExecutor(config).run()
    if not len(dataset) and not request['options'].get('allowEmpty'):
        raise JobError(f'no sample is left of {report.samples_in}: {last_to_drop(report)}; extra_configs.allow_empty: true lets that pass')
    require_file(config.export_path)
    return {'exportPath': config.export_path, 'samplesOut': len(dataset)}


def watch_here(request: dict, report: Report) -> None:
    options = request['options']
    save_time(bool(options.get('plots')))
    watch_job(report, bool(options.get('allowFailedSamples')))


def require_file(path: str) -> None:
    """Shards are named after the export path; an empty dataset may leave no file."""
    stem = Path(path).stem
    if os.path.exists(path):
        return
    if not any(name.startswith(stem) for name in os.listdir(Path(path).parent)):
        Path(path).touch()


def last_to_drop(report: Report) -> str:
    for step in report.kept:
        if step['kept'] == 0:
            counts = ', '.join(f'{one["op"]} {one["kept"]}' for one in report.kept)
            return f'op {step["op"]} dropped the last (left after each op: {counts})'
    return 'the dataset ran empty'


def numbers(overall: Any) -> dict[str, dict[str, float]]:
    """Stat → row → number, of overall.csv's numeric rows."""
    dropped = {'unique', 'top', 'freq'}
    found: dict[str, dict[str, float]] = {}
    for stat in overall.columns:
        for row, value in overall[stat].items():
            if row in dropped or isinstance(value, (str, bytes)) or value is None:
                continue
            number = float(value)
            if math.isfinite(number):
                found.setdefault(str(stat), {})[str(row)] = number
    return found


def analyze_on_ray(request: dict, report: Report) -> dict:
    # Ray takes seconds to import; most jobs do without it.
    from dj_host.on_ray import actions

    return actions.analyze_on_ray(request, report)


def process_on_ray(request: dict, report: Report) -> dict:
    from dj_host.on_ray import actions

    return actions.process_on_ray(request, report)


ANALYZERS: dict[str, Action] = {'default': analyze_here, 'ray': analyze_on_ray, 'ray_partitioned': analyze_on_ray}
EXECUTORS: dict[str, Action] = {'default': process_here, 'ray': process_on_ray, 'ray_partitioned': process_on_ray}
ACTIONS = {'analyze': analyze, 'process': process}
