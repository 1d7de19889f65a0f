"""Writing pools: a file is there when it is whole."""

import os
import shutil
from pathlib import Path
from types import TracebackType

BUFFER = 4 << 20


class LineFile:
    """A JSON Lines file that takes its name when everything is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._part = part_of(path)
        self._file = open(self._part, "wb", buffering=BUFFER)

    def write(self, text: bytes) -> None:
        """One sample."""
        self._file.write(text)
        self._file.write(b"\n")
        self.rows += 1

    def write_block(self, block: memoryview, rows: int) -> None:
        """Samples that have their line ends."""
        self._file.write(block)
        self.rows += rows

    def append_file(self, path: Path, rows: int) -> None:
        """All samples of a file of lines."""
        with open(path, "rb") as source:
            shutil.copyfileobj(source, self._file, BUFFER)
        self.rows += rows

    def __enter__(self) -> "LineFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        if kind is None:
            os.replace(self._part, self.path)
        else:
            self._part.unlink(missing_ok=True)


class ManyFiles:
    """JSON Lines files written side by side, more than may be open at once."""

    def __init__(self, paths: list[Path], buffered: int = 32 << 20) -> None:
        self._parts = {path: part_of(path) for path in paths}
        self._held: dict[Path, list[bytes]] = {}
        self._bytes = 0
        self._buffered = buffered
        for path, part in self._parts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(b"")

    def write(self, path: Path, text: bytes) -> None:
        """One sample."""
        self._held.setdefault(path, []).append(text)
        self._bytes += len(text) + 1
        if self._bytes > self._buffered:
            self._flush()

    def close(self) -> None:
        """Gives all of them their names."""
        self._flush()
        for path, part in self._parts.items():
            os.replace(part, path)

    def _flush(self) -> None:
        for path, texts in self._held.items():
            with open(self._parts[path], "ab") as file:
                file.write(b"\n".join(texts) + b"\n")
        self._held.clear()
        self._bytes = 0


def part_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial")
