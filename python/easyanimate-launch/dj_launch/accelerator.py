"""accelerate's Accelerator as the script gets it: with whole checkpoints, resuming and stopping."""

from __future__ import annotations

import math
import os
import shutil
import time
from collections import OrderedDict

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, set_seed
from torch.utils.hooks import RemovableHandle

from .checkpoint import seal
from .data_order import in_order, seed_from
from .orders import Orders

DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


class ResumableAccelerator(Accelerator):
    """A step is an optimizer step, known by the script's `accelerator.log({…}, step=n)` after each.

    All that a step takes at random comes from (seed, step), all that a sample takes from (seed, epoch, sample): so a training that was killed
    and resumed goes on as if nothing had been.
    """

    orders: Orders

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._steps_done = self.orders.start[0] if self.orders.start else 0
        self._forwards = 0
        self._saved_step = self._steps_done
        self._saved_at = time.monotonic()
        self._stopping = False

    # The script's own hooks save the transformer in place of the network and fail on both; the state here is the plain one.
    def register_save_state_pre_hook(self, hook: object) -> RemovableHandle:
        return RemovableHandle(OrderedDict())

    def register_load_state_pre_hook(self, hook: object) -> RemovableHandle:
        return RemovableHandle(OrderedDict())

    def prepare_data_loader(self, data_loader: object, *args: object, **kwargs: object) -> object:
        ordered = in_order(data_loader, self.orders.seed)
        if ordered is None:
            self.print("launch.py: this data loader keeps its own order: a resumed epoch starts at its beginning")
            return super().prepare_data_loader(data_loader, *args, **kwargs)
        prepared = super().prepare_data_loader(ordered, *args, **kwargs)
        accumulated = self.gradient_accumulation_steps
        steps_per_epoch = math.ceil(len(prepared) / accumulated)
        epoch, step = divmod(self._steps_done, steps_per_epoch)
        ordered.batch_sampler.start_at(epoch, step * accumulated * self.num_processes)
        return prepared

    def accumulate(self, *models: object) -> object:
        if self._stopping:
            self._stop()
        set_seed(seed_from(self.orders.seed, self._steps_done, self._forwards, self.process_index))
        self._forwards += 1
        return super().accumulate(*models)

    def load_state(self, input_dir: str | None = None, *args: object, **kwargs: object) -> None:
        """From the checkpoint that DJ_RESUME_FROM gave, wherever the script looks for it."""
        step, folder = self.orders.start
        super().load_state(str(folder), *args, **kwargs)
        self.print(f"Resumed at step {step} from {folder}", flush=True)
        if self.is_main_process and step % self.orders.checkpointing_steps == 0:
            self._save_lora(step)
        self._stopping, _ = self._wanted(step)

    def log(self, values: dict, step: int | None = None, *args: object, **kwargs: object) -> None:
        super().log(values, step, *args, **kwargs)
        if step is None or step == self._steps_done:
            return
        self._steps_done, self._forwards = step, 0
        # It stops when the next step begins: so the script can show this one's loss.
        self._stopping, save = self._wanted(step)
        if self._stopping or save:
            self._save(step)

    def end_training(self) -> None:
        if self._saved_step != self._steps_done:
            self._save(self._steps_done, last=True)
        super().end_training()

    def _wanted(self, step: int) -> list[bool]:
        """Whether to stop and whether to save; the same answer in all processes, whose clocks and file systems may differ."""
        answer = [self.orders.stop_wanted(step), self.orders.save_wanted(step, time.monotonic() - self._saved_at)]
        if self.num_processes > 1:
            broadcast_object_list(answer)
        return answer

    def _stop(self) -> None:
        self.print(f"\nStopped at step {self._steps_done}", flush=True)
        self.end_training()
        if self.is_main_process:
            self.orders.say_stopped(self._steps_done)
        raise SystemExit(0)

    def _save(self, step: int, last: bool = False) -> None:
        folder = self.orders.output_dir / f"checkpoint-{step}"
        if self.is_main_process and folder.is_symlink():
            folder.unlink()
        elif self.is_main_process:
            shutil.rmtree(folder, ignore_errors=True)
        self.wait_for_everyone()
        self.save_state(str(folder))
        self.wait_for_everyone()
        if self.is_main_process:
            # Where the script itself does, at a stop and at the end: not wherever a state was saved, which makes no result.
            if last or self._stopping or step % self.orders.checkpointing_steps == 0:
                self._save_lora(step)
            seal(folder, step, self.orders.run)
        self._saved_step, self._saved_at = step, time.monotonic()
        self.print(f"\nSaved state to {folder}", flush=True)

    def _save_lora(self, step: int) -> None:
        file = self.orders.output_dir / f"checkpoint-{step}.safetensors"
        fresh = file.with_name(f".{file.stem}.{os.getpid()}.safetensors")
        self.orders.output_dir.mkdir(parents=True, exist_ok=True)
        network = self.unwrap_model(self._models[0])
        network.save_weights(str(fresh), DTYPES.get(self.mixed_precision, torch.float32), None)
        os.replace(fresh, file)
