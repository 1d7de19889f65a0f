"""Pools of an analysed dataset: for each stat the samples in its order, cut at ratios or into parts of one size."""

from collections.abc import Iterator

import pyarrow as pa

from failure import BadInput
from job import Dataset, Job
from outputs import LineFile
from samples import Sample, count_samples, read_samples, read_texts, require_samples
from stats import STATS, StatKeys
from store import BATCH_BYTES, BATCH_ROWS, Store


def construct(job: Job) -> None:
    for dataset in job.datasets:
        if job.options["ignore_stats"]:
            split_as_it_is(job, dataset)
        else:
            split_by_stats(job, dataset)


def part_sizes(total: int, ratios: list[float], number: int | None) -> list[int]:
    """Sizes of the parts that `total` samples are cut into: at int(total · ratio + 0.5), or every `number` samples."""
    inner = list(range(number, total, number)) if number else [int(total * ratio + 0.5) for ratio in ratios]
    points = [0, *inner, total]
    return [end - start for start, end in zip(points, points[1:], strict=False)]


def split_as_it_is(job: Job, dataset: Dataset) -> None:
    job.progress.phase(f"counting {dataset.path.name}")
    total = count_samples(dataset.path, job.memory)
    job.samples_in += total
    texts = read_texts(dataset.path, job.memory)
    sizes = part_sizes(total, job.options["split_ratios"], job.options["split_num"])
    job.progress.phase(f"writing parts of {dataset.path.name}", total)
    for i, size in enumerate(sizes):
        path = job.folder / f"{dataset.stem}_ignore_stats_{i}.jsonl"
        with LineFile(path) as output:
            for _ in range(size):
                output.write(next(texts))
        job.tell_made(path, size)
    tell_empty(job, dataset, sizes)


def split_by_stats(job: Job, dataset: Dataset) -> None:
    store = Store(job.scratch / dataset.stem, job.memory)
    keys = StatKeys(str(dataset.path))
    total, columns = load(job, dataset, store, keys)
    job.samples_in += total
    numeric, other = keys.numeric()
    if other:
        job.note(f"{dataset.path.name}: no pools by {', '.join(other)}, which {'is' if len(other) == 1 else 'are'} not numeric")
    if not numeric:
        raise BadInput(f"{dataset.path}: no stat in {STATS} is a number, so that there is nothing to split by")
    sizes = part_sizes(total, job.options["split_ratios"], job.options["split_num"])
    for key in numeric:
        job.progress.phase(f"sorting by {key}", total)
        parts = [(job.folder / key / f"{dataset.stem}_{key}_{i}.jsonl", size) for i, size in enumerate(sizes)]
        # Equal values keep the dataset's order: a stat's pools do not depend on what else was analysed.
        for done in store.write_ordered(f"SELECT line FROM samples ORDER BY {columns[key]}, n", parts):
            job.progress.step(done)
        for path, size in parts:
            job.tell_made(path, size)
    tell_empty(job, dataset, sizes)
    store.close()


def load(job: Job, dataset: Dataset, store: Store, keys: StatKeys) -> tuple[int, dict[str, str]]:
    """Table `samples` with a column of numbers for each stat; returns how many there are, and the columns by stat."""
    store.run("CREATE TABLE samples (n BIGINT, line VARCHAR)")
    columns: dict[str, str] = {}
    total = 0
    job.progress.phase(f"reading {dataset.path.name}")
    for batch in batched(read_samples(dataset.path, job.memory)):
        numbers = [keys.take(stats_of(sample), sample.at) for sample in batch]
        for key in dict.fromkeys(key for row in numbers for key in row):
            if key not in columns:
                check_name(key, dataset)
                columns[key] = f"stat_{len(columns)}"
                store.run(f"ALTER TABLE samples ADD COLUMN {columns[key]} DOUBLE")
        rows = {
            "n": pa.array(range(total, total + len(batch)), pa.int64()),
            "line": pa.array([sample.text + b"\n" for sample in batch], pa.large_string()),
        }
        rows |= {column: pa.array([row.get(key) for row in numbers], pa.float64()) for key, column in columns.items()}
        store.insert("samples", rows)
        total += len(batch)
        job.progress.step(total)
    require_samples(dataset.path, total)
    return total, columns


def batched(samples: Iterator[Sample]) -> Iterator[list[Sample]]:
    batch: list[Sample] = []
    size = 0
    for sample in samples:
        batch.append(sample)
        size += len(sample.text)
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def stats_of(sample: Sample) -> dict:
    stats = sample.value.get(STATS)
    if isinstance(stats, dict):
        return stats
    raise BadInput(
        f"{sample.at} has no stats ({STATS}): analyse the dataset first (ProbeViaAnalyzerHook with export_original_dataset: true), "
        "or split it as it is with ignore_stats: true"
    )


def check_name(key: str, dataset: Dataset) -> None:
    """A stat becomes a folder's name."""
    if key in ("", ".", "..") or "/" in key or "\0" in key:
        raise BadInput(f"{dataset.path}: a stat is called {key!r}, which cannot be a folder's name")


def tell_empty(job: Job, dataset: Dataset, sizes: list[int]) -> None:
    empty = [str(i) for i, size in enumerate(sizes) if size == 0]
    if empty:
        which = f"part{'' if len(empty) == 1 else 's'} {', '.join(empty)} of each split"
        job.note(f"{dataset.path.name}: {which} {'is' if len(empty) == 1 else 'are'} empty, {sum(sizes)} samples being too few")
