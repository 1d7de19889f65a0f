"""Runs `trinity run --config FILE` of Trinity-RFT, with whole checkpoints, resuming, and an exit code that says how it ended.

    python run.py REQUEST.json

REQUEST: {"config": the file, "root": its checkpoint_root_dir, "home": a folder of Trinity-RFT or null, "checkpoints": a folder}. DJ_* in the
environment are those of docs/checkpoints.md. Trinity-RFT catches what its trainer and its explorer raise, logs it and ends with code 0.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

PYTHON = Path(__file__).resolve().parent.parent
sys.path += [str(PYTHON / "easyanimate-launch"), str(PYTHON / "evaluate")]

from dj_launch.checkpoint import newest_whole, seal  # noqa: E402
from sentence import fail  # noqa: E402

TRACKER = "latest_checkpointed_iteration.txt"
LOOK_SECONDS = 1.0
# "ERROR 05-08 11:11:13 [launcher.py:75] Trainer failed:", the traceback behind it with the same words before each line.
FAILED = re.compile(r"ERROR .*\] ((?:Trainer|Explorer|Explorer or Trainer|Benchmark) failed|Error in (?:Trainer|Explorer)):")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
PREFIX = re.compile(r"^(?:\([^)]*\) )?ERROR [^\]]*\] ")


def main() -> None:
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    command = [*trinity(request["home"]), "run", "--config", request["config"]]
    root, checkpoints = Path(request["root"]), Path(request["checkpoints"])
    begin(root, os.environ.get("DJ_RESUME_FROM"))
    keeper = Keeper(root, checkpoints, os.environ.get("DJ_CHECKPOINT_RUN"))
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    told = Told()
    reader = threading.Thread(target=told.follow, args=(child.stdout,))
    reader.start()
    while True:
        try:
            code = child.wait(LOOK_SECONDS)
            break
        except subprocess.TimeoutExpired:
            keeper.look()
    reader.join()
    # What is there now is not written to any more.
    keeper.look()
    keeper.look()
    if code < 0:
        # As torchrun says it.
        print(f"Signal {-code} ({signal.Signals(-code).name}) received by PID {child.pid}", flush=True)
        sys.exit(128 - code)
    if code != 0:
        sys.exit(code)
    if told.failure:
        sys.exit(f"TrinityError: {told.failure}")


def trinity(home: str | None) -> list[str]:
    """Start of the command line; ends the program where Trinity-RFT is not installed."""
    found = shutil.which("trinity")
    if found:
        return [found]
    if home:
        return [sys.executable, "-m", "trinity.cli.launcher"]
    fail(f"the program trinity is not on the PATH of {sys.executable}: install trinity-rft in that environment, or name another in env_name")


def begin(root: Path, start: str | None) -> None:
    """Leaves in `root` what the checkpoint has and nothing newer, so that Trinity-RFT goes on from there; nothing where it is to begin."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    if not start:
        return
    found = newest_whole(Path(start))
    if found is None:
        fail(f"{start} is no complete checkpoint")
    link_tree(found[1], root, without={"complete.json"})
    print(f"run.py: Trinity-RFT goes on after step {found[0]}", flush=True)


class Told:
    """Passes the program's output on, and keeps what it says of failures."""

    def __init__(self) -> None:
        self.failure: str | None = None
        self._open = False

    def follow(self, stream: object) -> None:
        for raw in stream:
            sys.stdout.buffer.write(raw)
            sys.stdout.buffer.flush()
            self._take(COLOURS.sub("", raw.decode("utf-8", "replace")).strip())

    def _take(self, line: str) -> None:
        if found := FAILED.search(line):
            self.failure, self._open = found[1], True
        elif self._open and PREFIX.match(line):
            words = PREFIX.sub("", line).strip()
            if words and not line.endswith("^"):
                self.failure = f"{(self.failure or '').split(':')[0]}: {words}"
        else:
            self._open = False


class Keeper:
    """Makes a checkpoint of each that Trinity-RFT says it has finished, once its files have not changed between two looks."""

    def __init__(self, root: Path, checkpoints: Path, run: str | None) -> None:
        self.root, self.checkpoints, self.run = root, checkpoints, run
        self.seen: dict[str, list] = {}
        self.done = {(checkpoints / name).name for name in _names(checkpoints)}

    def look(self) -> None:
        for tracker in self.root.glob(f"**/{TRACKER}"):
            text = tracker.read_text().strip()
            name = f"checkpoint-{text}"
            saved = tracker.parent / f"global_step_{text}"
            if not text.isdigit() or name in self.done or not saved.is_dir():
                continue
            mark = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(saved.rglob("*")) if path.is_file()]
            if not mark or self.seen.get(name) != mark:
                self.seen[name] = mark
                continue
            self._keep(tracker.parent, saved, int(text))
            self.done.add(name)

    def _keep(self, job: Path, saved: Path, step: int) -> None:
        folder = self.checkpoints / f"checkpoint-{step}"
        shutil.rmtree(folder, ignore_errors=True)
        inside = folder / job.relative_to(self.root)
        link_tree(saved, inside / saved.name)
        for path in [*job.glob("*_meta.json"), job / TRACKER]:
            shutil.copy2(path, inside / path.name)
        seal(folder, step, self.run)
        print(f"Saved state to {folder}", flush=True)


def link_tree(source: Path, target: Path, without: frozenset[str] | set[str] = frozenset()) -> None:
    """Hard links of weights, which are not written to again; copies of what is small and is."""
    for path in sorted(source.rglob("*")):
        if not path.is_file() or path.relative_to(source).as_posix() in without:
            continue
        to = target / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            if path.suffix in {".json", ".txt"}:
                raise OSError
            os.link(path, to)
        except OSError:
            shutil.copy2(path, to)


def _names(folder: Path) -> list[str]:
    return [path.parent.name for path in folder.glob("checkpoint-*/complete.json")]


if __name__ == "__main__":
    main()
