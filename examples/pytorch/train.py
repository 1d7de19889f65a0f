"""A small but whole PyTorch training: train.py --data ROWS.jsonl --out FOLDER [--steps N] [--lr F] …; writes FOLDER/model.pt."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from model import network, read_points
from saving import Saving
from torch.nn.functional import binary_cross_entropy_with_logits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save-every", type=int, default=50)
    parser.add_argument("--pause", type=float, default=0, help="seconds to wait after each step, to watch it")
    arguments = parser.parse_args()

    # On a CPU the number of threads changes the last bits.
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    points, labels = read_points(arguments.data)
    model = network(arguments.hidden)
    optimizer = torch.optim.AdamW(model.parameters(), lr=arguments.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=arguments.steps)
    order = torch.Generator().manual_seed(arguments.seed)
    saving = Saving(arguments.out, arguments.save_every)

    done = 0
    if start := saving.start():
        state = torch.load(start / "state.pt", weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        order.set_state(state["order"])
        done = state["step"]
        print(f"goes on after step {done}", flush=True)

    def save(folder: Path) -> None:
        parts = {"model": model, "optimizer": optimizer, "schedule": schedule}
        state = {name: part.state_dict() for name, part in parts.items()}
        torch.save({**state, "order": order.get_state(), "step": step}, folder / "state.pt")

    for step in range(done + 1, arguments.steps + 1):
        batch = torch.randint(len(points), (arguments.batch,), generator=order)
        loss = binary_cross_entropy_with_logits(model(points[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        print(f"step={step}/{arguments.steps} loss={loss.item():.6g} lr={schedule.get_last_lr()[0]:.4g}", flush=True)
        time.sleep(arguments.pause)
        if step < arguments.steps:
            saving.after_step(step, save)

    torch.save({"hidden": arguments.hidden, "weights": model.state_dict()}, arguments.out / "model.pt")


if __name__ == "__main__":
    main()
