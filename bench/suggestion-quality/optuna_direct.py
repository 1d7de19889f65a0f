"""
Optuna asked and told directly, its samplers with nothing but a seed.

stdin: {"sampler": "tpe" | "gp" | "random", "table": as tables.py has it, "seeds": [0, …], "trials": 50}
stdout: for each seed the least loss.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import json
import sys
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, IntDistribution

SAMPLERS = {"tpe": optuna.samplers.TPESampler, "gp": optuna.samplers.GPSampler, "random": optuna.samplers.RandomSampler}


def least(question: dict, seed: int) -> float:
    axes, losses = question["table"]["axes"], question["table"]["losses"]
    space = {
        str(i): IntDistribution(0, axis["count"] - 1) if axis["kind"] == "steps" else CategoricalDistribution(range(axis["count"]))
        for i, axis in enumerate(axes)
    }
    study = optuna.create_study(direction="minimize", sampler=SAMPLERS[question["sampler"]](seed=seed))
    for _ in range(question["trials"]):
        trial = study.ask(space)
        at = 0
        for i, axis in enumerate(axes):
            at = at * axis["count"] + trial.params[str(i)]
        study.tell(trial, losses[at])
    return study.best_value


def main() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    if question["sampler"] == "gp":
        import torch

        torch.set_num_threads(1)
    json.dump([least(question, seed) for seed in question["seeds"]], sys.stdout)


if __name__ == "__main__":
    main()
