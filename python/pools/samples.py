"""Reading datasets one sample at a time, whatever their size: each as the text that it is in the file, and as its value."""

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import orjson
import pyarrow as pa

from failure import BadInput

FORMATS = (".jsonl", ".json", ".parquet")
COMPRESSIONS = (".gz", ".zst")
KNOWN = ".jsonl, .json and .parquet, the first two also as .gz and .zst"
# DuckDB holds two buffers of this size for JSON lists.
LARGEST_SAMPLE = 64 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SHOWN = 80


@dataclass(slots=True)
class Sample:
    """`text` is one line of JSON without its end; `at` says where it is, for messages."""

    text: bytes
    value: dict[str, Any]
    at: str


def read_samples(path: Path, memory: str) -> Iterator[Sample]:
    """Samples of a dataset (a file, or a folder of files in the order of their names); raises BadInput for what is none."""
    for file in files_of(path):
        for number, text in enumerate(texts_of(file, memory), start=1):
            if not text:
                continue
            word = "line" if format_of(file) == ".jsonl" else "sample"
            yield Sample(text, parsed(text, file, word, number), f"{file}, {word} {number}")


def read_texts(path: Path, memory: str) -> Iterator[bytes]:
    """As `read_samples`, of a dataset that has been read once: nothing is checked again."""
    for file in files_of(path):
        yield from (text for text in texts_of(file, memory) if text)


def count_samples(path: Path, memory: str) -> int:
    """How many there are; raises BadInput where one is no sample, or where there is none."""
    count = sum(1 for _ in read_samples(path, memory))
    require_samples(path, count)
    return count


def require_samples(path: Path, count: int) -> None:
    """Raises BadInput where a dataset has turned out to hold nothing."""
    if count == 0:
        raise BadInput(f"the pool {path} is empty: a pool must have samples")


def files_of(path: Path) -> list[Path]:
    """The files of a dataset; raises BadInput where there are none, or where one is of a format that is not known."""
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.is_file() and format_of(each) in FORMATS)
        if not files:
            raise BadInput(f"the folder {path} has no dataset file: {KNOWN} are read")
        return files
    if not path.is_file():
        raise BadInput(f"the dataset {path} is not there")
    if format_of(path) not in FORMATS:
        raise BadInput(f"{path} has no format that pools are read from: {KNOWN} are")
    return [path]


def format_of(file: Path) -> str:
    """`d.jsonl.gz` → `.jsonl`; compressed Parquet is none."""
    suffixes = [suffix.lower() for suffix in file.suffixes[-2:]]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        inner = suffixes[0] if len(suffixes) == 2 else ""
        return inner if inner != ".parquet" else ""
    return suffixes[-1] if suffixes else ""


def texts_of(file: Path, memory: str) -> Iterator[bytes]:
    kind = format_of(file)
    try:
        if kind == ".jsonl":
            yield from lines_of(file)
        elif kind == ".json":
            yield from objects_of(file, memory)
        else:
            yield from rows_of(file, memory)
    except (OSError, EOFError, duckdb.Error, pa.ArrowException) as error:
        raise BadInput(f"{file} cannot be read: {first_line(error)}") from error


def lines_of(file: Path) -> Iterator[bytes]:
    with opened(file) as lines:
        first = True
        for line in lines:
            if first:
                line = line.removeprefix(BYTE_ORDER_MARK)
                first = False
            yield line.strip()


def opened(file: Path) -> BinaryIO:
    match file.suffix.lower():
        case ".gz":
            return gzip.open(file, "rb")
        case ".zst":
            return io.BufferedReader(pa.input_stream(str(file), compression="zstd"), 1 << 20)
        case _:
            return open(file, "rb", buffering=1 << 20)


def objects_of(file: Path, memory: str) -> Iterator[bytes]:
    """Texts of the items of a JSON list (or of items one after another), each on one line: in JSON a line break is only ever a space."""
    query = "SELECT json FROM read_json_objects($file, maximum_object_size = $size)"
    for (text,) in fetched(query, {"file": literal_glob(file), "size": LARGEST_SAMPLE}, memory):
        yield text.encode().replace(b"\n", b" ").replace(b"\r", b" ")


def rows_of(file: Path, memory: str) -> Iterator[bytes]:
    with reader(memory) as connection:
        columns = connection.execute("DESCRIBE SELECT * FROM read_parquet($file)", {"file": literal_glob(file)}).fetchall()
    binary = [name for name, kind, *_ in columns if "BLOB" in kind]
    if binary:
        raise BadInput(f"{file}: column {binary[0]} holds bytes, which JSON Lines cannot hold; leave it out, or name files instead")
    query = "SELECT to_json(dj_row)::VARCHAR FROM (SELECT dj_row FROM read_parquet($file) AS dj_row)"
    for (text,) in fetched(query, {"file": literal_glob(file)}, memory):
        yield text.encode()


def fetched(query: str, parameters: dict[str, Any], memory: str) -> Iterator[tuple[str]]:
    with reader(memory) as connection:
        result = connection.execute(query, parameters)
        while rows := result.fetchmany(2048):
            yield from rows


def reader(memory: str) -> duckdb.DuckDBPyConnection:
    """A connection of its own: one thread keeps the order, and its buffers, few."""
    return duckdb.connect(config={"memory_limit": memory, "threads": "1"})


def literal_glob(file: Path) -> str:
    """A path in which DuckDB finds no pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(file))


def parsed(text: bytes, file: Path, word: str, number: int) -> dict[str, Any]:
    value = parsed_json(text, f"{file}, {word} {number}")
    if isinstance(value, dict):
        return value
    raise BadInput(f"{file}, {word} {number}: expected a sample (a map), got {shortened(text)}")


def parsed_json(text: bytes, at: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        # Python writes NaN and half surrogate pairs, and reads them back.
        return json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{at} is not JSON ({first_line(error)}): {shortened(text)}") from error


def shortened(text: bytes) -> str:
    shown = text.decode(errors="replace")
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"


def first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0]
