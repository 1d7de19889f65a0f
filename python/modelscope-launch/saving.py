"""What an EpochBasedTrainer of ModelScope lacks for docs/checkpoints.md: two hooks around its own CheckpointHook and LoadCheckpointHook.

A step is an iteration, counted over all epochs. A checkpoint holds what ModelScope's own holds (weights, optimizer, schedule, where in the
data, what is drawn at random) and what was drawn at random when the epoch began: its data come in the same order again.
"""

from __future__ import annotations

import math
import random
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dj_launch.checkpoint import COMPLETE, seal
from dj_launch.orders import Orders
from modelscope.trainers.hooks import CheckpointHook, LoadCheckpointHook
from modelscope.trainers.hooks.checkpoint.checkpoint_processor import CheckpointProcessor
from modelscope.trainers.hooks.hook import Hook
from modelscope.trainers.hooks.priority import Priority

# Name of a checkpoint's two files, without their endings.
STATE = "state"


def register(trainer: Any, orders: Orders) -> None:
    """Adds the hooks to a trainer that has not begun."""
    allow_numpy()
    trainer.register_hook(Rewind())
    trainer.register_hook(Save(orders))


def allow_numpy() -> None:
    """ModelScope's state has NumPy's, and since 1.40 it is read by torch.load(weights_only=True), which knows no NumPy by itself."""
    if not hasattr(torch.serialization, "add_safe_globals"):
        return
    multiarray = getattr(np, "_core", None) or np.core
    known = [multiarray.multiarray._reconstruct, np.ndarray, np.dtype, type(np.dtype(np.uint32))]
    torch.serialization.add_safe_globals(known)


class Rewind(Hook):
    """Before all other hooks: an epoch that is gone on with begins as it began."""

    PRIORITY = Priority.HIGHEST

    def __init__(self) -> None:
        self.began: dict[str, Any] | None = None
        self.resumed = False

    def before_train_epoch(self, trainer: Any) -> None:
        if self.resumed and self.began:
            _set_random(self.began)
        self.began, self.resumed = _random(), False

    def after_train_epoch(self, trainer: Any) -> None:
        """A checkpoint of an epoch's last step has no step of it left, before which ModelScope would set what is drawn at random."""
        for hook in trainer.hooks:
            if isinstance(hook, LoadCheckpointHook) and hook.need_load_rng_state:
                hook.before_train_iter(trainer)

    def state_dict(self) -> dict[str, Any]:
        return {"began": self.began}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.began, self.resumed = state_dict["began"], True


class Save(Hook):
    """After all other hooks: saves where it is time to, ends the program where that is wanted, tells how far it is."""

    PRIORITY = Priority.LOWEST

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.saved_at = time.monotonic()
        self.save_due = False
        self.total = 0
        self.told: Any = None

    def before_run(self, trainer: Any) -> None:
        # Where the job does not say how often: once an epoch, as ModelScope does.
        self.orders.checkpointing_steps = max(1, trainer.iters_per_epoch)
        # Asked now: while ModelScope evaluates, and after that, it counts the other dataset's.
        self.total = trainer.max_iters
        self._tell(trainer.iter)
        if self.orders.start and self.orders.stop_wanted(self.orders.start[0]):
            self._stop(self.orders.start[0])

    def after_train_iter(self, trainer: Any) -> None:
        # ModelScope counts it when all hooks have been asked.
        step = trainer.iter + 1
        self._tell_evaluation(trainer.metric_values, step)
        self.save_due = self.save_due or self.orders.save_wanted(step, time.monotonic() - self.saved_at)
        stop = self.orders.stop_wanted(step)
        # Gradients that are being accumulated are in no checkpoint.
        if not (stop or self.save_due) or step % getattr(trainer, "cumulative_iters", 1):
            return
        self._save(trainer, step)
        if stop:
            self._stop(step)

    def after_train_epoch(self, trainer: Any) -> None:
        self._tell_evaluation(trainer.metric_values, trainer.iter)

    def after_run(self, trainer: Any) -> None:
        self._tell(trainer.iter)

    def _save(self, trainer: Any, step: int) -> None:
        self._tell(step)
        folder = self.orders.output_dir / f"checkpoint-{step}"
        (folder / COMPLETE).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_state(trainer, folder)
        seal(folder, step, self.orders.run)
        self.saved_at, self.save_due = time.monotonic(), False
        print(f"Saved state to {folder}", flush=True)

    def _stop(self, step: int) -> None:
        print(f"Stopped at step {step}", flush=True)
        self.orders.say_stopped(step)
        raise SystemExit(0)

    def _tell(self, step: int, more: str = "") -> None:
        print(f"dj-sandbox step: {step}/{self.total}{more}", flush=True)

    def _tell_evaluation(self, values: dict[str, Any] | None, step: int) -> None:
        if values is None or values is self.told:
            return
        self.told = values
        self._tell(step, "".join(f", eval_{name}: {value}" for name, value in numbers_in(values).items()))


def write_state(trainer: Any, folder: Path) -> None:
    """The two files of a checkpoint, as ModelScope's CheckpointHook writes them."""
    hooks = trainer.get_hook(CheckpointHook)
    processor = hooks[0].processor if hooks else CheckpointProcessor()
    meta = CheckpointHook()._create_training_state(trainer)
    model = trainer.unwrap_module(trainer.model)
    weights, state = processor._get_state_file_name(str(folder / STATE))
    processor.save_trainer_state(trainer, model, state, meta, True)
    processor.save_model_state(model, weights)


def numbers_in(values: dict[str, Any], at: str = "") -> dict[str, float]:
    """Finite numbers of nested maps, by dotted names."""
    found: dict[str, float] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= numbers_in(value, f"{at}{name}.")
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if math.isfinite(number):
            found[f"{at}{name}"] = number
    return found


def _random() -> dict[str, Any]:
    """What is drawn at random from here on, in types that torch.load(weights_only=True) reads."""
    kind, keys, *rest = np.random.get_state()
    return {
        "random": random.getstate(),
        "numpy": [kind, [int(key) for key in keys], *rest],
        "cpu": torch.random.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def _set_random(state: dict[str, Any]) -> None:
    random.setstate(state["random"])
    kind, keys, *rest = state["numpy"]
    np.random.set_state((kind, np.array(keys, dtype=np.uint32), *rest))
    torch.random.set_rng_state(state["cpu"])
    if state["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])
