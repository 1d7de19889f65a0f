"""DuckDB as the place for what does not fit into memory: a database file and temporary files in the job's own scratch folder."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from outputs import LineFile

BATCH_ROWS = 20_000
BATCH_BYTES = 16 << 20
# DuckDB's own vectors; larger batches would hold more samples at once.
READ_ROWS = 2048
MEMORY_A_THREAD = 256 << 20
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


class Store:
    """Tables of samples in a file below `scratch`, within a memory limit such as `1GB`."""

    def __init__(self, scratch: Path, memory: str) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        # More threads than the limit has room for make sorts fail.
        threads = max(1, min(os.cpu_count() or 1, bytes_of(memory) // MEMORY_A_THREAD))
        config = {"memory_limit": memory, "threads": str(threads), "temp_directory": str(scratch / "temporary")}
        self.connection = duckdb.connect(str(scratch / "samples.duckdb"), config=config)
        self.connection.execute("SET arrow_large_buffer_size = true")

    def run(self, query: str) -> None:
        self.connection.execute(query)

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Rows of a query, a batch in memory at a time."""
        result = self.connection.execute(query)
        while rows := result.fetchmany(READ_ROWS):
            yield from rows

    def insert(self, table: str, columns: dict[str, Any]) -> None:
        """Adds rows by column name; names that are not given become NULL."""
        batch = pa.table(columns)
        self.connection.register("batch", batch)
        self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")
        self.connection.unregister("batch")

    def write_ordered(self, query: str, parts: Iterable[tuple[Path, int]]) -> Iterator[int]:
        """Writes a query's texts (with their line ends) to files, so many to each, one after another; yields how many are done."""
        blocks = self._blocks(query)
        block = next(blocks, None)
        done = 0
        for path, rows in parts:
            with LineFile(path) as file:
                while file.rows < rows and block is not None:
                    file.write_block(*block.take(rows - file.rows))
                    if block.left == 0:
                        block = next(blocks, None)
                    yield done + file.rows
            done += rows

    def _blocks(self, query: str) -> Iterator["Block"]:
        for batch in self.connection.sql(query).to_arrow_reader(READ_ROWS):
            if len(batch) > 0:
                yield Block(batch.column(0))

    def close(self) -> None:
        self.connection.close()


class Batches:
    """Collects rows and inserts them when they are many or large."""

    def __init__(self, store: Store, table: str, columns: dict[str, pa.DataType]) -> None:
        self._store = store
        self._table = table
        self._types = columns
        self._columns: dict[str, list[Any]] = {name: [] for name in columns}
        self._bytes = 0

    def add(self, *row: Any, size: int = 0) -> None:
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)
        self._bytes += size
        if len(column) >= BATCH_ROWS or self._bytes >= BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        arrays = {name: pa.array(values, self._types[name]) for name, values in self._columns.items()}
        self._store.insert(self._table, arrays)
        for column in self._columns.values():
            column.clear()
        self._bytes = 0


class Block:
    """Texts of an Arrow array, which lie one after another in memory."""

    def __init__(self, texts: pa.Array) -> None:
        _, offsets, data = texts.buffers()
        self._bounds = memoryview(offsets).cast("q")[texts.offset : texts.offset + len(texts) + 1]
        self._data = memoryview(data)
        self._at = 0
        self.left = len(texts)

    def take(self, most: int) -> tuple[memoryview, int]:
        """The next texts as one piece, and how many they are."""
        rows = min(most, self.left)
        start, self._at, self.left = self._at, self._at + rows, self.left - rows
        return self._data[self._bounds[start] : self._bounds[self._at]], rows


def bytes_of(memory: str) -> int:
    """`512MB`, `1.5 GiB` → bytes."""
    number, unit = re.fullmatch(r"\s*([0-9.]+)\s*([A-Za-z]+)\s*", memory).groups()
    return int(float(number) * UNITS[unit.upper()])
