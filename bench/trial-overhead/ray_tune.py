"""
Trials of Ray Tune that report six times and do nothing, so many at once. Starting Ray is not counted.

stdin: {"trials": 100, "at_once": 16, "jobs": 6, "folder": "…"}; stdout: {"seconds": wall time, "version": "…"}.
"""

from __future__ import annotations

import json
import os
import sys
import time

question = json.load(sys.stdin)
# Ray prints: only the answer goes to what was stdout.
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_AIR_NEW_OUTPUT="0", RAY_DEDUP_LOGS="1")

import ray  # noqa: E402
from ray import tune  # noqa: E402


def trial(config: dict) -> None:
    for job in range(question["jobs"]):
        tune.report({"job": job, "value": config["value"]})


def main() -> None:
    # Ray is told that there are as many cores as trials at once: it would run only as many trials as the machine has cores otherwise.
    ray.init(num_cpus=question["at_once"], include_dashboard=False, logging_level="ERROR", log_to_driver=False, _temp_dir=question["folder"])

    def fit(trials: int) -> None:
        tuner = tune.Tuner(
            tune.with_resources(trial, {"cpu": 1}),
            param_space={"value": tune.uniform(0, 1)},
            tune_config=tune.TuneConfig(num_samples=trials, max_concurrent_trials=question["at_once"]),
            run_config=tune.RunConfig(storage_path=os.path.join(question["folder"], "results"), verbose=0),
        )
        results = tuner.fit()
        assert len(results) == trials and not results.errors

    fit(1)
    began = time.perf_counter()
    fit(question["trials"])
    seconds = time.perf_counter() - began
    ray.shutdown()
    json.dump({"seconds": seconds, "version": ray.__version__}, answer)
    answer.close()


if __name__ == "__main__":
    main()
