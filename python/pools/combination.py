"""All intersections of ranked pools: what is in both of two, in all of three, …

Only hashes of samples are compared and kept; the samples themselves are read twice, in order.
"""

from pathlib import Path

import pyarrow as pa

from identity import identity
from job import Job
from outputs import ManyFiles
from samples import read_samples, read_texts, require_samples
from store import Batches, Store


def combine(job: Job) -> None:
    """Writes a pool for each set of ranks that share samples; its order is that in the best of its pools, repeated samples count once."""
    store = Store(job.scratch, job.memory)
    store.run("CREATE TABLE members (rank INTEGER, n BIGINT, high UBIGINT, low UBIGINT)")
    columns = {"rank": pa.int32(), "n": pa.int64(), "high": pa.uint64(), "low": pa.uint64()}
    members = Batches(store, "members", columns)
    for rank, dataset in enumerate(job.datasets):
        job.progress.phase(f"reading {dataset.path.name}")
        count = 0
        for sample in read_samples(dataset.path, job.memory):
            members.add(rank, count, *identity(sample.value))
            count += 1
            job.progress.step(count)
        require_samples(dataset.path, count)
        job.samples_in += count
    members.flush()
    job.progress.phase("intersecting", job.samples_in)
    store.run("CREATE TABLE once AS SELECT rank, min(n) AS n, high, low FROM members GROUP BY rank, high, low")
    store.run("CREATE TABLE shared AS SELECT high, low, bit_or(1 << rank) AS mask FROM once GROUP BY high, low")
    write_pools(job, store)
    store.close()


def write_pools(job: Job, store: Store) -> None:
    counts = dict(store.rows("SELECT mask, count(*)::BIGINT FROM shared GROUP BY mask"))
    sets = rank_sets(len(job.datasets))
    sizes = {ranks: sum(count for mask, count in counts.items() if mask & ranks == ranks) for ranks in sets}
    paths = {ranks: output_of(job, ranks, sizes[ranks]) for ranks in sets if sizes[ranks] > 0}
    files = ManyFiles(list(paths.values()))
    for rank, dataset in enumerate(job.datasets):
        job.progress.phase(f"writing what {dataset.path.name} is best in")
        # Sets whose best pool this is.
        first = [ranks for ranks in paths if ranks & -ranks == 1 << rank]
        targets = {mask: [paths[ranks] for ranks in first if mask & ranks == ranks] for mask in counts}
        query = f"SELECT n, mask FROM once JOIN shared USING (high, low) WHERE rank = {rank} ORDER BY n"
        chosen = store.rows(query)
        wanted, mask = next(chosen, (-1, 0))
        for n, text in enumerate(read_texts(dataset.path, job.memory)):
            if n != wanted:
                continue
            for path in targets[mask]:
                files.write(path, text)
            job.progress.step(n + 1)
            wanted, mask = next(chosen, (-1, 0))
    files.close()
    for ranks, path in paths.items():
        job.tell_made(path, sizes[ranks])
    tell_what_is_left_out(job, store, len(sets) - len(paths))


def tell_what_is_left_out(job: Job, store: Store, empty: int) -> None:
    ((kept,),) = store.rows("SELECT count(*) FROM once")
    if kept < job.samples_in:
        job.note(f"{job.samples_in - kept} samples are repetitions of others in their pool and count once")
    if empty > 0:
        job.note(f"{empty} intersection{' has' if empty == 1 else 's have'} no samples and no file")


def rank_sets(ranks: int) -> list[int]:
    """All non-empty sets of ranks as bit masks: single ones first, then pairs, …; 0_1 before 0_2 before 1_2."""
    return sorted(range(1, 1 << ranks), key=lambda mask: (mask.bit_count(), mask))


def output_of(job: Job, mask: int, size: int) -> Path:
    ranks = "_".join(str(rank) for rank in range(mask.bit_length()) if mask >> rank & 1)
    return job.folder / f"{job.options['prefix']}_top_{ranks}_num_{size}.jsonl"
