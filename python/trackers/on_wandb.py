"""W&B by its own client. A run has one id, however often it is opened; which rows it has is asked of W&B (online) or of its files (offline)."""

from __future__ import annotations

import glob
import os
import signal
import time
from typing import Any

os.environ.setdefault("WANDB_SILENT", "true")
os.environ["WANDB_ERROR_REPORTING"] = "false"

import wandb

import wandb_file
from main import mode_of
from metrics import Row
from names import fitting
from state import State

INIT_SECONDS = 30
FINISH_SECONDS = 60
EXITS = {"done": 0, "failed": 1, "stopped": 255}
# What the server refuses in names of projects.
REFUSED = r"/\\#?%:"


class WandB:
    def __init__(self, run: dict[str, Any], state: State, options: dict[str, Any]):
        mode = mode_of(options)
        self.is_offline = mode == "offline"
        self.state, self.folder, self.run_id = state, run["workDir"], run["key"]
        _end_orphan(state.own.pop("pid", None))
        state.own.update(mode=mode, pid=os.getpid())
        state.save()
        _await_new_second(self.folder, self.run_id)
        sweep = run.get("sweep")
        self.run = wandb.init(
            project=fitting(run["project"], REFUSED, 128),
            entity=options.get("entity"),
            id=self.run_id,
            name=fitting(run["name"], "", 128),
            group=fitting(sweep["id"], "", 128) if sweep else None,
            job_type="trial",
            notes=run["id"][:1_000],
            dir=self.folder,
            mode=mode,
            resume="allow",
            reinit="create_new",
            settings=wandb.Settings(
                **({"base_url": options["base_url"]} if options.get("base_url") else {}),
                console="off",
                disable_code=True,
                disable_git=True,
                init_timeout=INIT_SECONDS,
                save_code=False,
                silent=True,
                x_disable_machine_info=True,
                x_disable_meta=True,
                x_disable_stats=True,
                x_save_requirements=False,
            ),
        )
        if self.is_offline:
            self.next_seq = wandb_file.last_step(wandb_file.runs_of(self.folder, self.run_id)) + 1
        else:
            self.next_seq = self.run.starting_step
        self.logged = self.next_seq
        self.defined: set[str] = set()

    def settings(self, values: dict[str, Any]) -> None:
        self.run.config.update(values, allow_val_change=True)

    def log(self, rows: list[Row]) -> None:
        for row in rows:
            axis = f"{row.prefix}.step"
            for key in row.values:
                name = f"{row.prefix}.{key}"
                if name not in self.defined:
                    self.run.define_metric(name, step_metric=axis)
                    self.defined.add(name)
            values = {f"{row.prefix}.{key}": value for key, value in row.values.items()}
            self.run.log({**values, axis: row.step, "dj_sandbox.time": row.t}, step=row.seq, commit=True)
            self.logged = row.seq + 1

    def flush(self) -> None:
        """The client writes by itself; what has arrived is asked when the run is opened again."""

    def finish(self, how: str) -> None:
        run, self.run = self.run, None
        run.summary["dj_sandbox.state"] = how
        run.finish(exit_code=EXITS.get(how, 0))
        if self.is_offline:
            found = wandb_file.last_step(wandb_file.runs_of(self.folder, self.run_id)) + 1
            if found < self.logged:
                raise OSError(f"W&B's files have {found} of {self.logged} rows: is the disk full?")

    def close(self) -> None:
        if self.run is not None:
            self.run.finish(exit_code=255)


def _await_new_second(folder: str, run_id: str) -> None:
    """W&B names a session's folder by the second that it began in."""
    while glob.glob(os.path.join(glob.escape(folder), "wandb", f"*-{time.strftime('%Y%m%d_%H%M%S')}-{run_id}")):
        time.sleep(0.1)


def _end_orphan(pid: int | None) -> None:
    """W&B's service of a process that was killed may still write what it had been given: it is ended before its files are read."""
    if pid is None or pid == os.getpid() or not os.path.isdir("/proc"):
        return
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                arguments = file.read().split(b"\0")
        except OSError:
            continue
        if b"wandb-core" in os.path.basename(arguments[0]) and str(pid).encode() in arguments:
            try:
                os.kill(int(entry), signal.SIGKILL)
                while os.path.isdir(f"/proc/{entry}") and not _is_zombie(entry):
                    time.sleep(0.05)
            except OSError:
                continue


def _is_zombie(entry: str) -> bool:
    try:
        with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
