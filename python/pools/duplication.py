"""Pools repeated a number of times, one repetition after another or shuffled as a whole."""

import shutil
from pathlib import Path

import pyarrow as pa

from job import Dataset, Job
from outputs import LineFile
from samples import read_samples, require_samples
from shuffling import shuffled
from store import Batches, Store

CHUNK = 1_000_000


def duplicate(job: Job) -> None:
    for dataset in job.datasets:
        if job.options["shuffle"]:
            repeat_shuffled(job, dataset)
        else:
            repeat_in_order(job, dataset)


def repeat_in_order(job: Job, dataset: Dataset) -> None:
    once = job.scratch / dataset.stem / "once.jsonl"
    job.progress.phase(f"reading {dataset.path.name}")
    with LineFile(once) as plain:
        for sample in read_samples(dataset.path, job.memory):
            plain.write(sample.text)
            job.progress.step(plain.rows)
    require_samples(dataset.path, plain.rows)
    job.samples_in += plain.rows
    for times in job.options["duplicating_times"]:
        path = output_of(job, dataset, times)
        job.progress.phase(f"writing {path.name}", times * plain.rows)
        with LineFile(path) as output:
            for _ in range(times):
                output.append_file(once, plain.rows)
                job.progress.step(output.rows)
        job.tell_made(path, output.rows)
    shutil.rmtree(once.parent)


def repeat_shuffled(job: Job, dataset: Dataset) -> None:
    store = Store(job.scratch / dataset.stem, job.memory)
    store.run("CREATE TABLE samples (n BIGINT, line VARCHAR)")
    samples = Batches(store, "samples", {"n": pa.int64(), "line": pa.large_string()})
    count = 0
    job.progress.phase(f"reading {dataset.path.name}")
    for sample in read_samples(dataset.path, job.memory):
        samples.add(count, sample.text + b"\n", size=len(sample.text))
        count += 1
        job.progress.step(count)
    samples.flush()
    require_samples(dataset.path, count)
    job.samples_in += count
    for times in job.options["duplicating_times"]:
        path = output_of(job, dataset, times)
        job.progress.phase(f"shuffling {path.name}", times * count)
        fill_order(store, count, times, job.options["seed"])
        query = "SELECT line FROM placed JOIN samples USING (n) ORDER BY place"
        for done in store.write_ordered(query, [(path, times * count)]):
            job.progress.step(done)
        job.tell_made(path, times * count)
    store.close()


def fill_order(store: Store, count: int, times: int, seed: int) -> None:
    """Table `placed`: which sample is at which place."""
    store.run("CREATE OR REPLACE TABLE placed (place BIGINT, n BIGINT)")
    order = shuffled(times * count, seed)
    for start in range(0, len(order), CHUNK):
        chunk = order[start : start + CHUNK]
        places = pa.array(range(start, start + len(chunk)), pa.int64())
        store.insert("placed", {"place": places, "n": pa.array((chunk % count).astype("int64"))})


def output_of(job: Job, dataset: Dataset, times: int) -> Path:
    return job.folder / f"{dataset.stem}_x{times}.jsonl"
