"""
Makes a dataset in another format: convert_dataset.py SOURCE TARGET, formats by the endings (.jsonl, .json, .csv, .parquet).

Rows are maps; values stay what they are: nothing is taken for a date or a number that was text. In CSV a missing value is empty and a list
or map is its JSON; what comes from CSV is text. One row at a time but for .json and .parquet, which are held in memory.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def fail(message: str) -> None:
    sys.exit(message)


def read_jsonl(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _row(_parsed(line, f"{path}, line {number}"), f"{path}, line {number}")


def read_json(path: Path) -> Iterator[Row]:
    rows = _parsed(path.read_text(encoding="utf-8-sig"), str(path))
    if not isinstance(rows, list):
        fail(f"{path} is no JSON list of rows")
    for number, row in enumerate(rows, 1):
        yield _row(row, f"{path}, row {number}")


def read_csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        for row in reader:
            if None in row or None in row.values():
                fail(f"{path}, line {reader.line_num}: it has another number of values than the first line has names")
            yield row


def read_parquet(path: Path) -> Iterator[Row]:
    from pyarrow import parquet

    for batch in parquet.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()


def write_jsonl(path: Path, rows: Callable[[], Iterable[Row]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows():
            file.write(_json(row) + "\n")


def write_json(path: Path, rows: Callable[[], Iterable[Row]]) -> None:
    path.write_text(_json(list(rows())) + "\n", encoding="utf-8")


def write_csv(path: Path, rows: Callable[[], Iterable[Row]]) -> None:
    names = list(dict.fromkeys(name for row in rows() for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows():
            writer.writerow([_cell(row.get(name)) for name in names])


def write_parquet(path: Path, rows: Callable[[], Iterable[Row]]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    kept = list(rows())
    names = dict.fromkeys(name for row in kept for name in row)
    try:
        table = pa.table({name: [row.get(name) for row in kept] for name in names})
    except pa.ArrowException as error:
        fail(f"its columns have values of different kinds: {error}")
    parquet.write_table(table, path)


READERS = {".jsonl": read_jsonl, ".json": read_json, ".csv": read_csv, ".parquet": read_parquet}
WRITERS = {".jsonl": write_jsonl, ".json": write_json, ".csv": write_csv, ".parquet": write_parquet}


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        fail(f"{place}: it is not JSON: {error}")


def _row(value: Any, place: str) -> Row:
    if not isinstance(value, dict):
        fail(f"{place}: a row must be a map, got {json.dumps(value)[:80]}")
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _json(value)


def main(source: Path, target: Path) -> None:
    if source.is_dir():
        fail(f"{source} is a folder; a dataset of several files is handed over as-is only")
    if source.suffix not in READERS:
        fail(f"{source.suffix or 'a file without an ending'} cannot be read; known: {', '.join(READERS)}")
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        WRITERS[target.suffix](part, lambda: READERS[source.suffix](source))
        part.replace(target)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        fail(f"{type(error).__name__}: {error}")
    finally:
        part.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
