"""train.py in several processes, for a launcher: torchrun --nproc_per_node 2 train_ddp.py --data ROWS.jsonl --out FOLDER …; writes FOLDER/model.pt.

Each process takes its share of every batch. Only the first prints and saves, and whether to stop is its decision: the others are told.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import torch
import torch.distributed as dist
from model import network, read_points
from saving import Saving
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.parallel import DistributedDataParallel


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=32, help="of all processes together")
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save-every", type=int, default=50)
    parser.add_argument("--pause", type=float, default=0, help="seconds to wait after each step, to watch it")
    parser.add_argument("--local_rank", type=int, help="as deepspeed gives it; LOCAL_RANK says the same")
    arguments = parser.parse_args()

    gpu = torch.cuda.is_available()
    dist.init_process_group("nccl" if gpu else "gloo")
    rank, processes = dist.get_rank(), dist.get_world_size()
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(device)
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    points, labels = (each.to(device) for each in read_points(arguments.data))
    model = network(arguments.hidden).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=arguments.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=arguments.steps)
    # The same in all processes: each draws the whole batch and takes its share of it.
    order = torch.Generator().manual_seed(arguments.seed)

    def told_by_first(answer: object) -> object:
        answers = [answer]
        dist.broadcast_object_list(answers, device=device)
        return answers[0]

    saving = Saving(arguments.out, arguments.save_every, saves=rank == 0, agree=told_by_first)
    done = 0
    if start := saving.start():
        state = torch.load(start / "state.pt", weights_only=True, map_location=device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        order.set_state(state["order"].cpu())
        done = state["step"]
        if rank == 0:
            print(f"goes on after step {done} with {processes} processes", flush=True)
    shared = DistributedDataParallel(model)

    def save(folder: Path) -> None:
        parts = {"model": model, "optimizer": optimizer, "schedule": schedule}
        state = {name: part.state_dict() for name, part in parts.items()}
        torch.save({**state, "order": order.get_state(), "step": step}, folder / "state.pt")

    for step in range(done + 1, arguments.steps + 1):
        batch = torch.randint(len(points), (arguments.batch,), generator=order)[rank::processes]
        loss = binary_cross_entropy_with_logits(shared(points[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        mean = loss.detach().clone()
        dist.all_reduce(mean)
        if rank == 0:
            told = f"loss={mean.item() / processes:.6g} lr={schedule.get_last_lr()[0]:.4g}"
            print(f"step={step}/{arguments.steps} {told}", flush=True)
        time.sleep(arguments.pause)
        if step < arguments.steps:
            saving.after_step(step, save)

    if rank == 0:
        torch.save({"hidden": arguments.hidden, "weights": {k: v.cpu() for k, v in model.state_dict().items()}}, arguments.out / "model.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
