"""Makes the videos of a prompt file on several devices at once: one process a chunk, every exit status known.

    python infer_all.py --chunks 2 [--devices 0,1] -- python <home>/infer_lora.py <its flags>

Adds `--chunks_num` and `--chunk_id` to each command and CUDA_VISIBLE_DEVICES to its environment. When one process fails the others are
ended, and the exit code is its.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time


def start(command: list[str], chunk: int, chunks: int, device: str | None) -> subprocess.Popen:
    environment = dict(os.environ) | ({} if device is None else {"CUDA_VISIBLE_DEVICES": device})
    return subprocess.Popen([*command, f"--chunks_num={chunks}", f"--chunk_id={chunk}"], env=environment)


def wait_for_all(running: dict[int, subprocess.Popen]) -> tuple[int, int] | None:
    """None when all exited with 0, else the first that did not: its chunk and its exit code."""
    while running:
        for chunk, process in list(running.items()):
            code = process.poll()
            if code is not None:
                del running[chunk]
                if code:
                    return chunk, code
        time.sleep(0.05)
    return None


def end_all(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, required=True)
    parser.add_argument("--devices", help="comma-separated; as many as chunks. Default: what each process finds")
    parser.add_argument("command", nargs="+", help="after --")
    args = parser.parse_args()
    devices = args.devices.split(",") if args.devices else [None] * args.chunks
    if args.chunks < 1 or len(devices) != args.chunks:
        parser.error(f"--devices names {len(devices)} devices for {args.chunks} chunks")

    running = {chunk: start(args.command, chunk, args.chunks, devices[chunk]) for chunk in range(args.chunks)}
    failed = wait_for_all(running)
    if failed is None:
        return 0
    end_all(list(running.values()))
    chunk, code = failed
    device = f" on device {devices[chunk]}" if devices[chunk] is not None else ""
    print(f"infer_all.py: chunk {chunk + 1} of {args.chunks}{device} ended with code {code}", file=sys.stderr)
    return code if code > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
