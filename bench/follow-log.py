"""
How fast the supervisor reads a log, and in how much memory: follow-log.py [--megabytes 1000].

Two logs, each followed from its start as after a restart of the supervisor, metrics written: one of ordinary lines with a progress bar every
megabyte, and one that is a single line without an end. Prints a row for each. Aims: over 100 MB/s, under 200 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# As activities/runtime/log-patterns.ts declares them for EasyAnimate.
PATTERNS = [
    {
        "kind": "metrics",
        "pattern": r"Steps: *[0-9]+%\|[^|]*\| *(?<step>[0-9]+)/(?<total>[0-9]+) \[[0-9:]+<(?<eta>[0-9:]+|\?)"
        r", +(?:(?<seconds_per_step>[0-9.]+)s/[a-zA-Z]+|(?:(?<speed>[0-9.]+)|\?)[a-zA-Z]+/s)"
        r"(?:[^\]]*[ ,]lr=(?<lr>[^,\] ]+))?(?:[^\]]*[ ,]step_loss=(?<loss>[^,\] ]+))?",
    },
    {"kind": "checkpoint", "pattern": "Saved state to .*(?<checkpoint>checkpoint-[0-9]+)/?$"},
]
MEGABYTE = 1_000_000


def write_lines(path: str, megabytes: int) -> None:
    noise = b"".join(b"11/23/2025 12:00:00 - INFO - worker %d: nothing to see / here [at all]\n" % n for n in range(14_000))[:MEGABYTE]
    with open(path, "wb") as log:
        for n in range(1, megabytes + 1):
            log.write(noise)
            log.write(b"\rSteps:  10%%|#| %d/%d [00:41<05:02,  3.44it/s, lr=2e-5, step_loss=0.5]\r" % (n, megabytes))


def write_one_line(path: str, megabytes: int) -> None:
    with open(path, "wb") as log:
        for _ in range(megabytes):
            log.write(b"x" * MEGABYTE)
        log.write(b"\nSteps:  10%|#| 1/1 [00:41<05:02,  3.44it/s, lr=2e-5, step_loss=0.5]\n")


def follow(folder: str) -> None:
    """In a process of its own, whose memory is measured."""
    sys.path.insert(0, os.path.join(HERE, "..", "python", "supervisor"))
    from metrics import MetricsFile
    from recorder import Recorder

    metrics = MetricsFile(os.path.join(folder, "metrics.jsonl"))
    recorder = Recorder({"patterns": PATTERNS, "failOnNaN": True}, metrics, lambda _: os.path.join(folder, "log.txt"))
    began = time.perf_counter()
    recorder.catch_up(1, {})
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "steps": recorder.furthest, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--follow", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.follow:
        follow(args.follow)
        return
    for name, write in (("lines", write_lines), ("one line", write_one_line)):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log.txt")
            write(path, args.megabytes)
            size = os.path.getsize(path) / MEGABYTE
            told = subprocess.run([sys.executable, __file__, "--follow", folder], check=True, capture_output=True, text=True).stdout
            found = json.loads(told)
            print(f"{name:9}{size:7.0f} MB  {size / found['seconds']:6.0f} MB/s  peak {found['peak'] / 1024:4.0f} MB  last step {found['steps']}")


if __name__ == "__main__":
    main()
