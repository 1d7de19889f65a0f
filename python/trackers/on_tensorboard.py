"""TensorBoard's event files, with its own record writer and messages. One file a trial: what a writer that died left behind the saved offset is cut off."""

from __future__ import annotations

import json
import os
import socket
import time
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, SourceMetadata
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.summary.writer.record_writer import RecordWriter

from metrics import Row
from state import State

STARTED = "brain.Event:2"


class TensorBoard:
    next_seq = None

    def __init__(self, run: dict[str, Any], state: State, options: dict[str, Any]):
        self.state = state
        folder = os.path.join(options.get("dir") or os.path.join(run["workDir"], "tensorboard"), *run["place"])
        os.makedirs(folder, exist_ok=True)
        own = state.own
        if "file" not in own:
            own["file"] = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.0"
            own["offset"] = 0
            state.save()
        self.file = open(os.path.join(folder, own["file"]), "ab")
        self.file.truncate(min(own["offset"], self.file.tell()))
        self.file.seek(0, os.SEEK_END)
        self.writer = RecordWriter(self.file)
        if self.file.tell() == 0:
            own["settings"] = False
            self._write(Event(wall_time=time.time(), file_version=STARTED, source_metadata=SourceMetadata(writer="dj-sandbox")))

    def settings(self, values: dict[str, Any]) -> None:
        if self.state.own.get("settings"):
            return
        text = "".join(f"    {line}\n" for line in json.dumps(values, indent=1, ensure_ascii=False).splitlines())
        self._write(Event(wall_time=time.time(), step=0, summary=text_pb("config", text)))
        self.state.own["settings"] = True

    def log(self, rows: list[Row]) -> None:
        for row in rows:
            event = Event(wall_time=row.t, step=row.step)
            for key, value in row.values.items():
                event.summary.MergeFrom(scalar_pb(f"{row.prefix}.{key}", value))
            self._write(event)

    def _write(self, event: Event) -> None:
        self.writer.write(event.SerializeToString())

    def flush(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())
        self.state.own["offset"] = self.file.tell()

    def finish(self, _how: str) -> None:
        self.flush()
        self.file.close()

    def close(self) -> None:
        # What is still in the buffer is behind the saved offset: it is sent again.
        self.file.close()
