"""Runs a home's training script unchanged, with checkpoints that can be resumed from.

    accelerate launch … launch.py <home>/train_lora.py <its flags>

The script's Accelerator saves its whole state beside each `checkpoint-<step>.safetensors`, in `checkpoint-<step>/`. Environment:
DJ_RESUME_FROM   a checkpoint, or a folder of checkpoints of which the newest complete one counts
DJ_STOP_AT_STEP  stop after this step, with a checkpoint and exit code 0
DJ_CONTROL_FILE  a file that may appear later: {"stop": true} or {"stop_at_step": n}; "stopped": true is added when that was done
DJ_CHECKPOINT_EVERY_STEPS, DJ_CHECKPOINT_EVERY_SECONDS   how often the state is saved, in place of the script's --checkpointing_steps
DJ_CHECKPOINT_RUN  whose the checkpoints are, noted in each
"""

from __future__ import annotations

import logging
import os
import runpy
import sys

import accelerate
from dj_launch.accelerator import ResumableAccelerator
from dj_launch.orders import read_orders


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("launch.py: names no script; usage: accelerate launch … launch.py <home>/train_lora.py <its flags>")
    script, args = os.path.abspath(sys.argv[1]), sys.argv[2:]
    orders = read_orders(args, dict(os.environ))
    if orders.start:
        # By its name, not `latest`: EasyAnimate's search for the latest fails on the names of the .safetensors files.
        args.append(f"--resume_from_checkpoint=checkpoint-{orders.start[0]}")
    # Five lines of its own for every checkpoint would tear the progress bar apart.
    for name in ("accelerate.accelerator", "accelerate.checkpointing"):
        logging.getLogger(name).setLevel(logging.WARNING)
    ResumableAccelerator.orders = orders
    accelerate.Accelerator = ResumableAccelerator
    sys.argv = [script, *args]
    sys.path.insert(0, os.path.dirname(script))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
