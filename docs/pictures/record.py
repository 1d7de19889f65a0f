"""Records kill.cast, an asciicast v2: a trial in a terminal of two panes, in which first the worker and then the trainer is killed.

    npm run setup
    uv run docs/pictures/record.py kill.cast
    uv run --with pyte==0.8.2 docs/pictures/animate.py kill.cast docs/pictures/kill.svg

It needs tmux and jq, takes two minutes, and has a server, a state folder and a work_dir of its own.
"""

import codecs
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
COLUMNS, ROWS = 100, 23
CONFIG = """\
project_name: clips
experiment_name: lora
work_dir: ./outputs
execution_job_configs:
  - hook: ProcessDataHook
    meta_name: process
    dj_configs: PACKAGE/configs/text-to-video/process.yaml
    local: {dj_configs.dataset_path: PACKAGE/.sandbox/clips/clips.jsonl, dj_configs.export_path: ./outputs/clips.jsonl}
    output: dataset
  - hook: GeneralDataExecutorHook
    meta_name: convert
    input: {extra_configs.dataset_path: -1.dataset}
    extra_configs: {type: dj_to_easyanimate_video_dataset_conversion, export_path: ./outputs/}
    output: train_dataset
  - hook: TrainModelHook
    meta_name: train
    input: {extra_configs.train.dataset_path.dataset_meta_name: -1.train_dataset}
    extra_configs: PACKAGE/configs/text-to-video/model_train.yaml
    local:
      extra_configs.easyanimate_home: PACKAGE/python/easyanimate-small
      extra_configs.train.saving_config.output_dir: FOLDER/outputs/models
      extra_configs.train.training_config.num_train_epochs: 90
    output: lora
durability: {checkpoint_every: 20}
"""
SERVER = """\
server: {ip: 127.0.0.1, port: PORT, ui_port: null}
database: {file: dev.db}
workers: [{name: control, kind: control}]
"""
SHELL = "PS1='$ '\nPATH=FOLDER/bin:$PATH\nset -m\nbind 'set enable-bracketed-paste off'\n"
WORKER = "dj-sandbox worker --tags cpu,gpu >>worker.log 2>&1 &"


def main(cast: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="record-"))
    environment = prepare(folder)
    server = subprocess.Popen([folder / "bin/dj-sandbox", "dev"], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    tmux = Tmux(folder, environment)
    try:
        wait(lambda: listening(environment), "a server")
        tmux.open()
        begin(tmux)
        recorder = Recorder(tmux.attach, environment)
        recorder.start()
        play(tmux)
        recorder.stop()
        Path(cast).write_text(recorder.cast())
        tmux.type("below", "kill %2")
        time.sleep(3)
    finally:
        tmux.close()
        server.send_signal(signal.SIGINT)
        time.sleep(1)
        server.send_signal(signal.SIGINT)
        server.wait(60)
        shutil.rmtree(folder)


def prepare(folder: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "bin").mkdir()
    (folder / "bin/dj-sandbox").symlink_to(PACKAGE / "dist/client/main.js")
    (folder / "sandbox.yaml").write_text(CONFIG.replace("PACKAGE", str(PACKAGE)).replace("FOLDER", str(folder)))
    (folder / "temporal-dev.yaml").write_text(SERVER.replace("PORT", str(port)))
    (folder / "shell").write_text(SHELL.replace("FOLDER", str(folder)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_", "TMUX"))}
    return environment | {
        "DJ_SANDBOX_DEV": str(folder / "temporal-dev.yaml"),
        "DJ_SANDBOX_STATE": str(folder / "state"),
        "DJ_SANDBOX_HOME": str(PACKAGE / ".sandbox"),
        "PORT": str(port),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }


def listening(environment: dict[str, str]) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", int(environment["PORT"]))) == 0


def begin(tmux: "Tmux") -> None:
    """What comes before the picture: data jobs, until the training has begun."""
    tmux.type("below", WORKER)
    tmux.type("above", "dj-sandbox run --config sandbox.yaml --id my-run")
    tmux.until("above", step_from(1), "training")


def play(tmux: "Tmux") -> None:
    """What happens, each thing when the screen shows that it is time."""
    tmux.until("above", step_from(40), "training")
    tmux.type("below", "kill -9 %1                       # the worker dies, its trainer goes on")
    time.sleep(6)
    tmux.type("below", f"{WORKER}    # the next one takes over")
    tmux.until("above", step_from(105), "the worker's return")
    tmux.type("below", "kill -9 $(jq .trainer.pid outputs/jobs/*/epoch-1/supervisor.json)  # now the trainer")
    tmux.until("above", step_from(170), "training from the checkpoint")
    tmux.until("above", lambda text: "everything" in text, "the end")
    time.sleep(2)
    tmux.type("below", "clear && dj-sandbox explain my-run --job train --no-server")
    tmux.until("below", lambda text: "segment 2" in text, "the explanation")
    time.sleep(3)


def step_from(least: int):
    return lambda text: any(int(step) >= least for step in re.findall(r"train +[░█]+ (\d+)/", text))


def wait(holds, what: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.1)


class Tmux:
    """A terminal of two panes, on a socket of its own."""

    PANES = {"above": "r:0.0", "below": "r:0.1"}

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._base = ["tmux", "-u", "-L", folder.name, "-f", "/dev/null"]
        self._folder = folder
        self._environment = environment
        self.attach = [*self._base, "attach", "-t", "r"]

    def _run(self, *words: str) -> str:
        done = subprocess.run([*self._base, *words], env=self._environment, cwd=self._folder, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode()

    def open(self) -> None:
        shell = f"bash --noprofile --rcfile {self._folder}/shell -i"
        self._run("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "-s", "r", shell)
        self._run("set", "-g", "status", "off")
        self._run("split-window", "-v", "-l", "8", "-t", "r:0", shell)
        time.sleep(1)

    def type(self, pane: str, line: str) -> None:
        for letter in line:
            self._run("send-keys", "-t", self.PANES[pane], "-l", letter)
            time.sleep(0.02)
        time.sleep(0.5)
        self._run("send-keys", "-t", self.PANES[pane], "Enter")
        time.sleep(1)

    def until(self, pane: str, holds, what: str) -> None:
        wait(lambda: holds(self._run("capture-pane", "-p", "-t", self.PANES[pane])), what)

    def close(self) -> None:
        subprocess.run([*self._base, "kill-server"], check=False)


class Recorder(threading.Thread):
    """Runs a command in a terminal (of the kind that pyte reads best) and keeps what it writes, with the times."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self._events: list[tuple[float, str, str]] = []
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execvpe(command[0], command, environment | {"TERM": "linux"})
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._stopped = threading.Event()

    def run(self) -> None:
        began = time.monotonic()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while not self._stopped.is_set():
            ready, _, _ = select.select([self._terminal], [], [], 0.1)
            if ready:
                text = decoder.decode(os.read(self._terminal, 65536))
                self._events.append((round(time.monotonic() - began, 3), "o", text))

    def stop(self) -> None:
        self._stopped.set()
        self.join()
        os.kill(self._pid, signal.SIGHUP)
        os.waitpid(self._pid, 0)

    def cast(self) -> str:
        head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "kill -9 in the middle of training"}
        return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in [head, *self._events])


if __name__ == "__main__":
    main(sys.argv[1])
