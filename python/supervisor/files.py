"""Files that another process reads while they are written."""

from __future__ import annotations

import json
import os
from typing import Any


def write_json(path: str, value: Any) -> None:
    """Replaces the file in one step; it is on the disk before it is seen."""
    fresh = f"{path}.{os.getpid()}.tmp"
    with open(fresh, "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def read_json(path: str) -> Any:
    """The file's value; None where there is no such file or it is not JSON."""
    try:
        with open(path) as file:
            return json.load(file)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def remove(path: str) -> None:
    """Removes a file that may be gone already."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
