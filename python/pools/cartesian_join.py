"""Two sets of pools joined, each sample of one with each of the other."""

from pathlib import Path

from failure import BadInput
from job import Dataset, Job
from outputs import LineFile
from samples import read_samples, read_texts, require_samples


def join_all(job: Job) -> None:
    others = [Dataset(Path(each["path"]), each["stem"]) for each in job.options["others"]]
    first = [(dataset, *look_at(job, dataset)) for dataset in job.datasets]
    second = [(dataset, *look_at(job, dataset)) for dataset in others]
    for i, (one, rows, keys) in enumerate(first):
        for j, (other, other_rows, other_keys) in enumerate(second):
            require_apart(one, keys, other, other_keys)
            path = job.folder / f"{job.options['prefix']}_cartesian_join_{i}_{j}.jsonl"
            join(job, one, other, path, rows * other_rows)


def look_at(job: Job, dataset: Dataset) -> tuple[int, set[str]]:
    """How many samples there are, and all their keys."""
    job.progress.phase(f"reading {dataset.path.name}")
    rows = 0
    keys: set[str] = set()
    for sample in read_samples(dataset.path, job.memory):
        keys.update(sample.value)
        rows += 1
        job.progress.step(rows)
    require_samples(dataset.path, rows)
    job.samples_in += rows
    return rows, keys


def require_apart(one: Dataset, keys: set[str], other: Dataset, other_keys: set[str]) -> None:
    both = sorted(keys & other_keys)
    if both:
        raise BadInput(f"{one.path} and {other.path} both have {', '.join(both)}: samples that are joined need different keys")


def join(job: Job, one: Dataset, other: Dataset, path: Path, total: int) -> None:
    ends = job.scratch / "ends.jsonl"
    with LineFile(ends) as output:
        for text in read_texts(other.path, job.memory):
            output.write(inside(text))
    job.progress.phase(f"writing {path.name}", total)
    with LineFile(path) as output:
        for text in read_texts(one.path, job.memory):
            start = b"{" + inside(text)
            with open(ends, "rb", buffering=1 << 20) as lines:
                for line in lines:
                    end = line.rstrip(b"\n")
                    output.write(start + (b", " if len(start) > 1 and end else b"") + end + b"}")
            job.progress.step(output.rows)
    job.tell_made(path, output.rows)


def inside(text: bytes) -> bytes:
    """`{"a": 1}` → `"a": 1`."""
    return text[1:-1].strip()
