"""Says how much each parameter mattered, as Optuna's PED-ANOVA judges it (arXiv 2304.10255). A list of JSON on stdin, one of answers on stdout.

    [{"directions", "space", "trials": [{"point", "values"}], "top": 5, "resamples": 40}]
    → [{"version", "importances": [{"name", "share", "low", "high"}]}]   the largest share first; shares sum to 1

`top` is how many of the best trials are compared with all: Optuna advises at least 5. `low` and `high` hold nine of ten shares that trials drawn
anew from these (with replacement) have. Equal requests have equal answers. `{"error": "a sentence"}` where there is none.
"""

import os

# One thread each: sums must not depend on how many cores a machine has. To be set before numpy is loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import json
import sys
import warnings

import numpy as np
import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import create_trial

from axes import distributions_of


def importances(trials, axes, directions, top):
    """Name → share, over trials that all have values."""
    study = optuna.create_study(directions=directions, sampler=optuna.samplers.RandomSampler(seed=0))
    study.add_trials(
        create_trial(params=dict(zip(axes, trial["point"])), distributions=axes, values=trial["values"]) for trial in trials
    )
    evaluator = PedAnovaImportanceEvaluator(target_quantile=top / len(trials))
    return get_param_importances(study, evaluator=evaluator)


def answer(space, trials, directions, top, resamples):
    axes = distributions_of(space)
    shares = importances(trials, axes, directions, top)
    random = np.random.default_rng(0)
    drawn = []
    for _ in range(resamples):
        again = [trials[i] for i in random.integers(len(trials), size=len(trials))]
        drawn.append(importances(again, axes, directions, top))
    found = []
    for name, share in shares.items():
        low, high = np.quantile([each[name] for each in drawn], [0.05, 0.95])
        found.append({"name": name, "share": share, "low": float(low), "high": float(high)})
    return {"version": optuna.__version__, "importances": found}


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    json.dump([answer_or_error(each) for each in json.load(sys.stdin)], sys.stdout, allow_nan=False)


def answer_or_error(asked):
    try:
        return answer(**asked)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
