"""What the shim is asked to do: the script's own flags, and DJ_* in the environment."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path

from .checkpoint import newest_whole


@dataclass
class Orders:
    """From what step, until what step, and where checkpoints go."""

    output_dir: Path
    seed: int
    # The script's own: there it saves the LoRA, and there the whole state is saved where nothing below says otherwise.
    checkpointing_steps: int
    save_steps: int | None
    save_seconds: float | None
    # Whose the checkpoints are; written into each.
    run: str | None
    # Where to resume: the step, and the checkpoint's folder.
    start: tuple[int, Path] | None
    stop_at_step: int | None
    control_file: Path | None

    def save_wanted(self, step: int, seconds: float) -> bool:
        """Whether the whole state is to be saved after this step, `seconds` after the last time."""
        if self.save_seconds is not None and seconds >= self.save_seconds:
            return True
        if self.save_steps is None and self.save_seconds is not None:
            return False
        return step % (self.save_steps or self.checkpointing_steps) == 0

    def say_stopped(self, step: int) -> None:
        """Tells whoever asked in the control file that the training ended because of that, with its state saved."""
        asked = _read_control(self.control_file)
        if not asked:
            return
        fresh = self.control_file.with_name(f".{self.control_file.name}.{os.getpid()}")
        fresh.write_text(json.dumps({**asked, "stopped": True, "step": step}))
        os.replace(fresh, self.control_file)

    def stop_wanted(self, step: int) -> bool:
        """Whether the training is to stop after this step: by DJ_STOP_AT_STEP or by what the control file says now."""
        asked = _read_control(self.control_file)
        if asked.get("stop") is True:
            return True
        limits = [limit for limit in (self.stop_at_step, asked.get("stop_at_step")) if isinstance(limit, int)]
        return any(step >= limit for limit in limits)


def _read_control(file: Path | None) -> dict:
    """`{"stop": true}` or `{"stop_at_step": 40}`; a file that is absent or half written says nothing."""
    if file is None:
        return {}
    try:
        asked = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return asked if isinstance(asked, dict) else {}


def _number(environment: dict[str, str], name: str) -> float | None:
    text = environment.get(name)
    try:
        number = float(text) if text else None
    except ValueError:
        number = 0.0
    if number is not None and not number > 0:
        raise SystemExit(f"launch.py: {name} must be a number above 0, not {text!r}")
    return number


def read_orders(script_args: list[str], environment: dict[str, str]) -> Orders:
    """Raises SystemExit with one line where the orders make no sense."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--output_dir", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpointing_steps", type=int, default=500)
    parser.add_argument("--resume_from_checkpoint")
    flags, _ = parser.parse_known_args(script_args)
    if flags.resume_from_checkpoint:
        raise SystemExit("launch.py: name the checkpoint to resume from in DJ_RESUME_FROM, not in --resume_from_checkpoint")
    start = None
    if place := environment.get("DJ_RESUME_FROM"):
        start = newest_whole(Path(place))
        if start is None:
            print(f"launch.py: no complete checkpoint in {place}; the training starts at its beginning", flush=True)
    stop = environment.get("DJ_STOP_AT_STEP")
    if stop and not stop.isdigit():
        raise SystemExit(f"launch.py: DJ_STOP_AT_STEP must be a number of steps, not {stop!r}")
    control = environment.get("DJ_CONTROL_FILE")
    every_steps = _number(environment, "DJ_CHECKPOINT_EVERY_STEPS")
    return Orders(
        output_dir=Path(os.path.abspath(flags.output_dir)),
        seed=flags.seed,
        checkpointing_steps=flags.checkpointing_steps,
        save_steps=int(every_steps) if every_steps else None,
        save_seconds=_number(environment, "DJ_CHECKPOINT_EVERY_SECONDS"),
        run=environment.get("DJ_CHECKPOINT_RUN"),
        start=start,
        stop_at_step=int(stop) if stop else None,
        control_file=Path(control) if control else None,
    )
