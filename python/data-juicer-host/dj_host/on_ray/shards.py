"""Ray writes a folder of shards; a job's result is one file, as the default executor writes it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from dj_host.errors import JobError

STATS = '__dj__stats__'
META = '__dj__meta__'


def join_shards(folder: Path, target: str, kind: str, rows: int) -> None:
    """Joins the shards in the order of the dataset, and removes them. Raises JobError where rows are missing."""
    joined = JOINED[kind](shards_in(folder), target)
    if joined != rows:
        raise JobError(
            f'Ray wrote {joined} of {rows} samples to {folder}: all nodes of the cluster must share the file system of work_dir, '
            'or disk space ran out'
        )
    shutil.rmtree(folder, ignore_errors=True)


def shards_in(folder: Path) -> list[Path]:
    """In the order of the dataset, which is that of their names; none where nothing is left and Ray wrote an empty file in place of a folder."""
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def lines_of(shards: list[Path]) -> Iterator[bytes]:
    for shard in shards:
        with open(shard, 'rb') as file:
            for line in file:
                if line.strip():
                    yield line.rstrip(b'\r\n')


def join_lines(shards: list[Path], target: str) -> int:
    rows = 0
    with open(target, 'wb') as out:
        for line in lines_of(shards):
            out.write(line + b'\n')
            rows += 1
    return rows


def join_list(shards: list[Path], target: str) -> int:
    """One list, as the default executor writes it."""
    rows = 0
    with open(target, 'wb') as out:
        for line in lines_of(shards):
            out.write((b',' if rows else b'[') + line)
            rows += 1
        out.write(b']' if rows else b'[]')
    return rows


def join_parquet(shards: list[Path], target: str) -> int:
    """Row group by row group. Where a column has only nulls in a shard its type is another there: the most general one counts."""
    import pyarrow
    import pyarrow.parquet as parquet

    files = [parquet.ParquetFile(shard) for shard in shards]
    if not files:
        Path(target).touch()
        return 0
    schema = pyarrow.unify_schemas([file.schema_arrow for file in files], promote_options='permissive')
    rows = 0
    with parquet.ParquetWriter(target, schema) as out:
        for file in files:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                missing = pyarrow.nulls(len(table))
                columns = [table[name] if name in table.column_names else missing for name in schema.names]
                out.write_table(pyarrow.table(columns, schema.names).cast(schema))
                rows += len(table)
    return rows


JOINED: dict[str, Callable[[list[Path], str], int]] = {'jsonl': join_lines, 'json': join_list, 'parquet': join_parquet}


def write_stats(folder: Path, target: str, kind: str) -> None:
    """The stats of each sample, a line each, as the default Analyzer writes them beside its dataset."""
    with open(f'{os.path.splitext(target)[0]}_stats.jsonl', 'w', encoding='utf-8') as out:
        for sample in (parquet_samples if kind == 'parquet' else json_samples)(shards_in(folder)):
            kept = {key: sample[key] for key in (STATS, META) if key in sample}
            out.write(json.dumps(kept, ensure_ascii=False) + '\n')


def json_samples(shards: list[Path]) -> Iterator[dict]:
    return (json.loads(line) for line in lines_of(shards))


def parquet_samples(shards: list[Path]) -> Iterator[dict]:
    import pyarrow.parquet as parquet

    for shard in shards:
        for batch in parquet.ParquetFile(shard).iter_batches():
            yield from batch.to_pylist()
