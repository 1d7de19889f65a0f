"""Pools at one size: the first samples of each in its shuffled order."""

import numpy as np
import pyarrow as pa

from job import Dataset, Job
from samples import count_samples, read_texts
from shuffling import shuffled
from store import Batches, Store


def downsample(job: Job) -> None:
    counts = []
    for dataset in job.datasets:
        job.progress.phase(f"counting {dataset.path.name}")
        counts.append(count_samples(dataset.path, job.memory))
    job.samples_in = sum(counts)
    wanted = job.options.get("target_num_samples") or min(counts)
    for dataset, count in zip(job.datasets, counts, strict=True):
        sample_pool(job, dataset, count, wanted)


def sample_pool(job: Job, dataset: Dataset, count: int, wanted: int) -> None:
    taken = min(wanted, count)
    if taken < wanted:
        job.note(f"{dataset.path.name} has only {count} samples: all of them are taken")
    places = np.full(count, -1, np.int64)
    places[shuffled(count, job.options["seed"])[:taken]] = np.arange(taken)
    store = Store(job.scratch / dataset.stem, job.memory)
    store.run("CREATE TABLE chosen (place BIGINT, line VARCHAR)")
    chosen = Batches(store, "chosen", {"place": pa.int64(), "line": pa.large_string()})
    job.progress.phase(f"sampling {dataset.path.name}", count)
    for n, text in enumerate(read_texts(dataset.path, job.memory)):
        if places[n] >= 0:
            chosen.add(places[n], text + b"\n", size=len(text))
        job.progress.step(n + 1)
    chosen.flush()
    path = job.folder / f"{dataset.stem}_{wanted}.jsonl"
    job.progress.phase(f"writing {path.name}", taken)
    for done in store.write_ordered("SELECT line FROM chosen ORDER BY place", [(path, taken)]):
        job.progress.step(done)
    store.close()
    job.tell_made(path, taken)
