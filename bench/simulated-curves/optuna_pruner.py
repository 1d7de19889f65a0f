"""
The same sweep by Optuna's SuccessiveHalvingPruner, asked and told trial by trial: eight workers in simulated time, a configuration a trial in the order of the world.

stdin: {"workers": 8, "units": 81, "rungs": [1, 3, 9, 27], "eta": 3, "worlds": [{"seen": [[…]], "final": [...], "pace": [...]}]}
with `seen` at the rungs only; stdout: [{"found": units or null, "total": units, "regret": share}], as simulate.ts has them.
"""

from __future__ import annotations

import heapq
import json
import sys

import optuna


def simulate(world: dict, question: dict) -> dict:
    units, rungs, final, pace = question["units"], question["rungs"], world["final"], world["pace"]
    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=rungs[0], reduction_factor=question["eta"], min_early_stopping_rate=0)
    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.RandomSampler(seed=0), pruner=pruner)
    ends = [*rungs, units]
    running: list[tuple[float, int, int, float]] = []  # end of the segment, trial, rung, its begin
    trials: dict[int, optuna.Trial] = {}
    settled, found, reached = 0, None, float("inf")

    def begin(number: int, rung: int, now: float) -> None:
        length = ends[rung] - (ends[rung - 1] if rung > 0 else 0)
        heapq.heappush(running, (now + length * pace[number], number, rung, now))

    def begin_new(now: float) -> None:
        if len(trials) < len(final):
            trial = study.ask()
            trials[trial.number] = trial
            begin(trial.number, 0, now)

    for _ in range(question["workers"]):
        begin_new(0.0)
    while running:
        now, number, rung, _ = heapq.heappop(running)
        trial = trials[number]
        settled += ends[rung] - (ends[rung - 1] if rung > 0 else 0)
        if rung == len(rungs):
            study.tell(trial, final[number])
            reached = min(reached, final[number])
            if reached <= 1.01 * min(final) and found is None:
                found = settled + sum(int((now - began) / pace[other] + 1e-9) for _, other, _, began in running)
            begin_new(now)
            continue
        trial.report(world["seen"][number][rung], ends[rung])
        if trial.should_prune():
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            begin_new(now)
        else:
            begin(number, rung + 1, now)
    return {"found": found, "total": settled, "regret": reached / min(final) - 1}


def main() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    question = json.load(sys.stdin)
    json.dump([simulate(world, question) for world in question["worlds"]], sys.stdout)


if __name__ == "__main__":
    main()
