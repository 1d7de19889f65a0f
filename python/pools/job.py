"""What an operation on pools is given and what it tells."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from progress import Progress


@dataclass
class Dataset:
    """`stem` is its file name without endings."""

    path: Path
    stem: str


@dataclass
class Job:
    """One request; `options` are the operation's own."""

    datasets: list[Dataset]
    folder: Path
    scratch: Path
    memory: str
    options: dict[str, Any]
    progress: Progress
    notes: list[str] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)
    samples_in: int = 0

    def tell_made(self, path: Path, rows: int) -> None:
        """Another result; results keep the order in which they are told."""
        self.made.append({"path": str(path), "rows": rows})

    def note(self, text: str) -> None:
        self.notes.append(text)
