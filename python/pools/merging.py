"""Pools one after another in one dataset."""

from job import Job
from outputs import LineFile
from samples import read_samples, require_samples


def merge(job: Job) -> None:
    path = job.folder / job.options["name"]
    with LineFile(path) as output:
        for dataset in job.datasets:
            job.progress.phase(f"merging {dataset.path.name}")
            before = output.rows
            for sample in read_samples(dataset.path, job.memory):
                output.write(sample.text)
                job.progress.step(output.rows)
            require_samples(dataset.path, output.rows - before)
    job.samples_in = output.rows
    job.tell_made(path, output.rows)
