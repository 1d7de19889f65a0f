"""What jobs do on Ray: analyse a dataset, or process it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dj_host.errors import JobError
from dj_host.observe import sentence, watch_loading
from dj_host.on_ray.connection import ray_for
from dj_host.on_ray.failures import raise_from_ray
from dj_host.on_ray.progress import watch_ray
from dj_host.on_ray.resume import bring_in
from dj_host.on_ray.shards import JOINED, join_shards, write_stats
from dj_host.on_ray.worker import set_up_workers
from dj_host.recipes import prepared
from dj_host.report import Report
from dj_host.samples import failed_samples

# Executors that go on from the checkpoints of an earlier run.
RESUMES = ('ray_partitioned',)


def process_on_ray(request: dict, report: Report) -> dict:
    """Processes with the executor that the recipe names, going on from what an earlier run of the job got done where that executor can."""
    with on_ray(request, report) as (config, kind):
        resumed = config.executor_type in RESUMES and resume(config, request, report)
        dataset = executed(config, resumed, report)
        left = dataset.count()
        check_failed(request, report)
        if not left and not request['options'].get('allowEmpty'):
            raise JobError(f'no sample is left of {report.samples_in}; extra_configs.allow_empty: true lets that pass')
        report.enter('joining shards')
        target = request['recipe']['export_path']
        join_shards(Path(config.export_path), target, kind, left)
    return {'exportPath': target, 'samplesOut': left}


def analyze_on_ray(request: dict, report: Report) -> dict:
    """Runs the Analyzer on Ray: count, mean, deviation and range of each stat, the samples' stats, the dataset where it is asked for."""
    from data_juicer.core.ray_analyzer import RayAnalyzer
    from dj_host.actions import numbers

    with on_ray(request, report) as (config, kind):
        analyzer = RayAnalyzer(config)
        dataset = analyzer.run()
        if analyzer.overall_result is None or analyzer.overall_result.empty:
            raise JobError('there is nothing to analyse: no op of the recipe computes stats; add the filters whose stats are wanted')
        check_failed(request, report)
        samples = dataset.count()
        target, shards = request['recipe']['export_path'], Path(config.export_path)
        write_stats(shards, target, kind)
        if config.export_original_dataset:
            join_shards(shards, target, kind, samples)
    report.notes.append('on Ray an analysis has count, mean, std, min and max of each stat, and no percentiles')
    return {'exportPath': target, 'samplesOut': samples, 'analysis': analyzer.analysis_path, 'stats': numbers(analyzer.overall_result)}


@contextmanager
def on_ray(request: dict, report: Report) -> Iterator[tuple[Any, str]]:
    """Connects to Ray; yields the recipe as Data-Juicer's config, which exports to a folder of the job's own, and the format of the export."""
    recipe = request['recipe']
    # What an attempt that died left in this very folder would be taken for this one's.
    shutil.rmtree(request['scratch'], ignore_errors=True)
    Path(request['scratch']).mkdir(parents=True)
    require_ray_ops(recipe)
    kind = recipe.get('export_type') or Path(recipe['export_path']).suffix[1:].lower() or 'jsonl'
    if kind not in JOINED:
        raise JobError(f'a dataset cannot be exported as {kind}: end export_path with one of {", ".join("." + name for name in JOINED)}')
    # Failing samples are caught before Data-Juicer sees them; what else fails is to be heard of.
    # Its events say which checkpoints are whole.
    own = {'skip_op_error': False, 'checkpoint_dir': None, 'resume': None, 'event_logging': {'enabled': True}}
    config = prepared(request, **own)
    config.export_path, config.export_type = str(Path(request['scratch'], 'shards')), kind
    report.enter('starting Ray')
    try:
        with ray_for(recipe, request['options']) as address:
            from data_juicer.core.ray_exporter import RayExporter
            from ray.data import DataContext

            from dj_host.on_ray.json_lines import write_json

            watch_loading(report)
            watch_ray(report)
            set_up_workers()
            RayExporter.write_json = staticmethod(write_json)
            # Samples keep the order of the input, as without Ray.
            DataContext.get_current().execution_options.preserve_order = True
            if address is None:
                report.notes.append("ran on a Ray of the job's own on this host; ray_address names a cluster")
            yield config, kind
    except Exception as error:
        if isinstance(error, JobError):
            raise
        failed = failed_samples()
        if failed and not request['options'].get('allowFailedSamples'):
            raise JobError(sentence(failed, report, more=True)) from error
        raise_from_ray(error, report)
        raise


def require_ray_ops(recipe: dict) -> None:
    """Data-Juicer would find out when the dataset is loaded."""
    from data_juicer.ops import OPERATORS

    executor = recipe['executor_type']
    for name in (name for step in recipe.get('process') or [] for name in step):
        op = OPERATORS.modules.get(name)
        if op is not None and executor not in op._supported_exec_modes:
            raise JobError(
                f'op {name} does not run with executor_type {executor}: leave it to a job with executor_type: default, '
                "or use one of Data-Juicer's ops for Ray (their names begin with ray_)"
            )


def executed(config: Any, resumed: bool, report: Report) -> Any:
    """The processed dataset; exported as well."""
    from data_juicer.core.executor.factory import ExecutorFactory

    executor = ExecutorFactory.create_executor(config.executor_type)
    try:
        return executor(config).run()
    except RuntimeError as error:
        # Data-Juicer proves by hashes that the checkpoints are of this input.
        if not resumed or 'resume' not in str(error):
            raise
        report.notes.append(f'the checkpoints of an earlier run were of no use ({str(error).splitlines()[0]}): the job began anew')
        config._resume_requested, config._user_provided_job_id = False, False
        return executor(config).run()


def resume(config: Any, request: dict, report: Report) -> bool:
    """Brings in an earlier run's checkpoints, if there are any, and has the executor go on from them."""
    count = bring_in(request['options'].get('earlier') or [], Path(request['scratch']))
    if not count:
        return False
    # As `--resume <job_id>` sets them. The recipe is the same: the job's key, whose folder this is, stands for it.
    config._resume_requested, config._user_provided_job_id, config._same_yaml_config = True, True, True
    report.notes.append(f'went on from {count} {"checkpoint" if count == 1 else "checkpoints"} of an earlier run')
    return True


def check_failed(request: dict, report: Report) -> None:
    """Says which samples an op failed on, in whatever process: a failure unless that is allowed."""
    failed = failed_samples()
    if not failed:
        return
    if not request['options'].get('allowFailedSamples'):
        raise JobError(sentence(failed, report))
    report.notes.append(sentence(failed, report, allowed=True))
