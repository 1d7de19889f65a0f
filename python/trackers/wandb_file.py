"""Reads W&B's own offline files (`run-<id>.wandb`): LevelDB's log format with a header of W&B's, records as wandb's protobuf messages."""

from __future__ import annotations

import glob
import os
import struct
import zlib
from collections.abc import Iterator

from wandb.proto.wandb_internal_pb2 import Record

BLOCK, HEADER = 32 << 10, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def runs_of(folder: str, run_id: str) -> list[str]:
    """Files of all offline sessions of a run, the oldest first."""
    return sorted(glob.glob(os.path.join(glob.escape(folder), "wandb", f"offline-run-*-{run_id}", f"run-{run_id}.wandb")))


def last_step(paths: list[str]) -> int:
    """The highest step that was written; -1: none."""
    return max((record.history.step.num for path in paths for record in records(path) if record.HasField("history")), default=-1)


def records(path: str) -> Iterator[Record]:
    """All whole records; what a writer that died left at the end is passed over."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] != b":W&B":
        return
    position, parts = HEADER, b""
    while position + HEADER <= len(data):
        left = BLOCK - position % BLOCK
        if left < HEADER:
            position += left
            continue
        checksum, length, kind = struct.unpack_from("<IHB", data, position)
        body = data[position + HEADER : position + HEADER + length]
        if len(body) < length or kind not in (FULL, FIRST, MIDDLE, LAST) or not _is_whole(checksum, kind, body):
            return
        position += HEADER + length
        parts = body if kind in (FULL, FIRST) else parts + body
        if kind in (FULL, LAST):
            record = Record()
            record.ParseFromString(parts)
            yield record


def _is_whole(checksum: int, kind: int, body: bytes) -> bool:
    return zlib.crc32(body, zlib.crc32(bytes([kind]))) & 0xFFFFFFFF == checksum
