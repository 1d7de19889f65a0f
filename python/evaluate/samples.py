"""Reading a dataset one sample at a time, with the place of each for messages.

JSON lines, a JSON list, CSV and TSV, each also compressed (.gz, .zst), and Parquet.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from sentence import fail

SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
COMPRESSED = (".gz", ".zst")
BATCH = 1000


def samples(path: Path) -> Iterator[tuple[str, Any]]:
    """(place, sample) of each sample, such as ("line 7", {…}); ends the program where the file is not a dataset."""
    if not path.exists():
        fail(f"the dataset {path} is not there")
    if path.is_dir():
        fail(f"the dataset {path} is a folder; give a file ({', '.join(SUFFIXES)})")
    kind = _kind(path)
    if kind not in SUFFIXES:
        fail(f"the dataset {path} has no ending that is known here; give one of {', '.join(SUFFIXES)} (also with .gz or .zst)")
    if path.stat().st_size == 0:
        fail(f"the dataset {path} is empty")
    try:
        yield from _parquet(path) if kind == ".parquet" else _text(path, kind)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        fail(f"the dataset {path} cannot be read as {''.join(path.suffixes[-2:])}: {error}")


def value_at(sample: Any, key: str) -> Any:
    """The value at a dotted key, a key that itself has dots first; raises KeyError where there is none."""
    if isinstance(sample, dict):
        if key in sample:
            return sample[key]
        first, dot, rest = key.partition(".")
        while dot:
            if first in sample:
                return value_at(sample[first], rest)
            more, dot, rest = rest.partition(".")
            first = f"{first}.{more}"
    raise KeyError(key)


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    return path.with_suffix("").suffix.lower() if suffix in COMPRESSED else suffix


def _open(path: Path) -> TextIO:
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    if suffix == ".zst":
        import zstandard

        return io.TextIOWrapper(zstandard.open(path, "rb"), encoding="utf-8-sig")
    return open(path, encoding="utf-8-sig")


def _text(path: Path, kind: str) -> Iterator[tuple[str, Any]]:
    with _open(path) as file:
        if kind in (".csv", ".tsv"):
            rows = csv.DictReader(file, delimiter="\t" if kind == ".tsv" else ",")
            for number, row in enumerate(rows, 1):
                yield f"row {number}", row
        elif kind == ".json" and _is_list(path):
            for number, item in enumerate(_parsed(file.read(), path, ""), 1):
                yield f"item {number}", item
        else:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"line {number}", _parsed(line, path, f", line {number}")


def _is_list(path: Path) -> bool:
    """Whether a `.json` file is one list; some tools write a sample a line there."""
    with _open(path) as file:
        while (letter := file.read(1)).isspace():
            pass
    return letter == "["


def _parsed(text: str, path: Path, place: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        fail(f"the dataset {path}{place} is not JSON: {error}")


def _parquet(path: Path) -> Iterator[tuple[str, Any]]:
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import ParquetFile

    try:
        file = ParquetFile(path)
    except ArrowInvalid as error:
        fail(f"the dataset {path} is no Parquet file: {error}")
    number = 0
    for batch in file.iter_batches(BATCH):
        for row in batch.to_pylist():
            number += 1
            yield f"row {number}", row
