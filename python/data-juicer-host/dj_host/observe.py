"""Watches a job from inside: phases, progress, how many samples each op leaves, and failed samples after each op."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from dj_host.errors import JobError, first_line, root_of
from dj_host.report import Report
from dj_host.samples import TooManyFailures, failed_samples


def watch_job(report: Report, allow_failed: bool) -> None:
    """Replaces loading, ops, exporting and progress bars by versions that report, in this process only."""
    import datasets.arrow_dataset
    from data_juicer.core.exporter import Exporter
    from data_juicer.ops.base_op import OP

    watch_loading(report)
    Exporter.export = exporting(Exporter.export, report)
    for owner in (OP, *subclasses_of(OP)):
        if owner is not OP and 'run' in owner.__dict__:
            owner.run = counting(owner.run, report, allow_failed)
    datasets.arrow_dataset.hf_tqdm = reporting_bar(datasets.arrow_dataset.hf_tqdm, report)


def watch_loading(report: Report) -> None:
    from data_juicer.core.data.dataset_builder import DatasetBuilder

    DatasetBuilder.load_dataset = loading(DatasetBuilder.load_dataset, report)


def subclasses_of(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses_of(child)


def loading(load: Callable[..., Any], report: Report) -> Callable[..., Any]:
    """Counts what was loaded and refuses to go on with nothing."""

    @wraps(load)
    def load_dataset(self: Any, **kwargs: Any) -> Any:
        report.enter('loading')
        name = self.cfg.dataset_path or self.cfg.dataset
        try:
            dataset = load(self, **kwargs)
            samples = len(dataset) if hasattr(dataset, '__len__') else dataset.count()
        except Exception as error:
            raise JobError(f'the dataset {name} cannot be read: {first_line(root_of(error))}') from error
        report.enter('preparing ops')
        report.loaded, report.samples_in = dataset, samples
        if not samples:
            raise JobError(f'the dataset {name} is empty: it has no sample to work on')
        return dataset

    return load_dataset


def exporting(export: Callable[..., Any], report: Report) -> Callable[..., Any]:
    @wraps(export)
    def export_dataset(self: Any, dataset: Any) -> Any:
        report.enter('exporting')
        return export(self, dataset)

    return export_dataset


def counting(run: Callable[..., Any], report: Report, allow_failed: bool) -> Callable[..., Any]:
    """An op's `run` that reports its name, what it left, and the samples that it failed on."""

    @wraps(run)
    def counted(self: Any, dataset: Any, **kwargs: Any) -> Any:
        if report.inside:
            # A subclass's run that calls its base class's.
            return run(self, dataset, **kwargs)
        report.inside = True
        report.enter(self._name)
        before = len(failed_samples())
        try:
            result = run(self, dataset, **kwargs)
        except Exception as error:
            if too_many(error):
                raise JobError(sentence(failed_samples()[before:], report, more=True)) from error
            raise
        finally:
            report.inside = False
        failed = failed_samples()[before:]
        if failed and not allow_failed:
            raise JobError(sentence(failed, report))
        if failed:
            report.notes.append(sentence(failed, report, allowed=True))
        if failed and not len(result):
            raise JobError(sentence(failed, report) + '; no sample is left')
        report.kept.append({'op': self._name, 'kept': len(result)})
        return result

    return counted


def too_many(error: BaseException | None) -> bool:
    """Whether the error is TooManyFailures, possibly brought over from another process."""
    while error:
        if isinstance(error, TooManyFailures) or 'TooManyFailures' in str(type(error)):
            return True
        error = error.__cause__
    return False


def sentence(failed: list[dict], report: Report, more: bool = False, allowed: bool = False) -> str:
    """Says which samples an op failed on and why: the first three in full."""
    numbered = sorted(((number_of(one['sample'], report), one['reason']) for one in failed[:100]), key=lambda pair: pair[0] or 0)
    named = '; '.join(f'sample {number or "of unknown number"}: {reason}' for number, reason in numbered[:3])
    count = f'{len(failed)} or more samples' if more else '1 sample' if len(failed) == 1 else f'{len(failed)} samples'
    rest = f'; and {len(failed) - 3} more' if len(failed) > 3 else ''
    what = 'left out' if allowed else 'extra_configs.allow_failed_samples: true leaves such samples out'
    return f'op {failed[0]["op"]} failed on {count} ({named}{rest}); {what}'


def number_of(sample: dict, report: Report) -> int | None:
    """The sample's number in the dataset as loaded, from 1, found by its own content."""
    dataset = report.loaded
    if not hasattr(dataset, 'features'):
        return None
    for key in sorted(sample, key=lambda name: name not in ('id', 'videos', 'images', 'audios', 'text')):
        if key in dataset.features and sample[key]:
            for n, value in enumerate(dataset[key]):
                if value == sample[key]:
                    return n + 1
    return None


def reporting_bar(bar: type, report: Report) -> type:
    """A progress bar that also reports."""

    class ReportingBar(bar):
        def update(self, n: float = 1) -> Any:
            done = super().update(n)
            report.progress(int(self.n), int(self.total) if self.total else None)
            return done

    return ReportingBar
