"""Data-Juicer's own resume of partitioned jobs: what an earlier run of the job got done is brought in, and the run is told to go on from it.

Its checkpoints are folders of Parquet files that are written in place, and the newest by name is believed. A run that was killed while it wrote
one leaves a part of it; such a one is not brought in. What is whole is known from the event that Data-Juicer writes after each.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

CHECKPOINTS = 'checkpoints'
PARTITIONS = 'partitioning_info.json'
CARRIED = 'events_00000000_000000.jsonl'


def bring_in(earlier: list[str], scratch: Path) -> int:
    """Links the whole checkpoints of the newest earlier run that has any into `scratch`; how many these are."""
    for run in map(Path, earlier):
        saved = {name: event for name, event in saved_in(run).items() if is_whole(run / CHECKPOINTS / name)}
        if not saved or not is_json(run / CHECKPOINTS / PARTITIONS):
            continue
        for name in (*saved, PARTITIONS):
            link_tree(run / CHECKPOINTS / name, scratch / CHECKPOINTS / name)
        lines = [json.dumps({**event, 'metadata': {'checkpoint_path': str(scratch / CHECKPOINTS / name)}}) for name, event in saved.items()]
        (scratch / CARRIED).write_text('\n'.join(lines) + '\n')
        return len(saved)
    return 0


def saved_in(run: Path) -> dict[str, dict]:
    """Checkpoints that a run says to have finished, by name."""
    found = {}
    for file in sorted(run.glob('events_*.jsonl')):
        for line in file.read_text(errors='replace').splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                # The line that was being written when the run was killed.
                continue
            path = (event.get('metadata') or {}).get('checkpoint_path')
            if event.get('event_type') == 'checkpoint_save' and path:
                found[Path(path).name] = event
    return found


def is_whole(checkpoint: Path) -> bool:
    """Whether each of its Parquet files can be opened: their last bytes say what is in them."""
    import pyarrow.parquet as parquet

    files = list(checkpoint.glob('*.parquet'))
    try:
        return bool(files) and all(parquet.read_metadata(file).num_rows >= 0 for file in files)
    except Exception:
        return False


def is_json(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text()))
    except (OSError, ValueError):
        return False


def link_tree(source: Path, target: Path) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        link(source, target)
    else:
        shutil.copytree(source, target, copy_function=link, dirs_exist_ok=True)


def link(source: str | Path, target: str | Path) -> None:
    """A hard link, or a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
