"""MLflow by its own client: a tracking server, or an SQLite file in the work_dir. Rows that may have arrived before a death are looked up, not sent twice."""

from __future__ import annotations

import math
import os
from typing import Any

os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import logging

from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from metrics import Row
from names import fitting
from state import State

logging.getLogger("mlflow").setLevel(logging.ERROR)
logging.getLogger("alembic").setLevel(logging.ERROR)

RUN_TAG, SWEEP_TAG = "dj_sandbox.run", "dj_sandbox.sweep"
MOST_METRICS, MOST_PARAMS = 1_000, 100
ENDS = {"done": "FINISHED", "failed": "FAILED", "stopped": "KILLED"}
REFUSED = r"^\w\-. :/"
_clients: dict[str, MlflowClient] = {}


class MLflow:
    next_seq = None

    def __init__(self, run: dict[str, Any], state: State, options: dict[str, Any]):
        uri = options.get("uri") or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{run['workDir']}/mlflow.db"
        self.client = _clients.setdefault(uri, MlflowClient(tracking_uri=uri, registry_uri=uri))
        experiment = self._experiment(fitting(run["project"], "", 500))
        tags = {"dj_sandbox.trial": run["id"][:5_000]}
        if run.get("sweep"):
            parent = run["sweep"]
            tags["mlflow.parentRunId"] = self._run(experiment, SWEEP_TAG, parent["key"], parent["id"], {})
        self.run_id = self._run(experiment, RUN_TAG, run["key"], run["name"], tags)
        # Of the rows that come first now, some may be there: the process before died between sending a batch and saving that.
        self.unsure = 0 if state.own.get("clean") else 1
        state.own["clean"] = False
        state.save()
        self.state = state
        self.known: dict[str, set[int]] = {}

    def _experiment(self, name: str) -> str:
        found = self.client.get_experiment_by_name(name)
        if found is not None:
            return found.experiment_id
        try:
            return self.client.create_experiment(name)
        except MlflowException:
            # Another trial of the project was faster.
            found = self.client.get_experiment_by_name(name)
            if found is None:
                raise
            return found.experiment_id

    def _run(self, experiment: str, tag: str, key: str, name: str, tags: dict[str, str]) -> str:
        found = self.client.search_runs([experiment], f"tags.`{tag}` = '{key}'", max_results=1)
        if found:
            return found[0].info.run_id
        named = fitting(name, "", 250)
        return self.client.create_run(experiment, run_name=named, tags={tag: key, **tags}).info.run_id

    def settings(self, values: dict[str, Any]) -> None:
        there = self.client.get_run(self.run_id).data.params
        params = [Param(fitting(key, REFUSED, 250), str(value)) for key, value in values.items()]
        missing = [param for param in params if param.key not in there]
        for first in range(0, len(missing), MOST_PARAMS):
            self.client.log_batch(self.run_id, params=missing[first : first + MOST_PARAMS])

    def log(self, rows: list[Row]) -> None:
        metrics = [metric for row in rows for metric in self._metrics(row)]
        if self.unsure > 0:
            metrics = [metric for metric in metrics if metric.step not in self._steps(metric.key)]
            self.unsure -= 1
        for first in range(0, len(metrics), MOST_METRICS):
            self.client.log_batch(self.run_id, metrics=metrics[first : first + MOST_METRICS])

    def _metrics(self, row: Row) -> list[Metric]:
        named = [(fitting(f"{row.prefix}.{key}", REFUSED, 250), value) for key, value in row.values.items()]
        return [Metric(key, value, math.floor(row.t * 1000), row.step) for key, value in named]

    def _steps(self, key: str) -> set[int]:
        if key not in self.known:
            self.known[key] = {metric.step for metric in self.client.get_metric_history(self.run_id, key)}
        return self.known[key]

    def flush(self) -> None:
        """Nothing is held back."""

    def finish(self, how: str) -> None:
        self.client.set_tag(self.run_id, "dj_sandbox.state", how)
        self.client.set_terminated(self.run_id, ENDS.get(how, "FINISHED"))

    def close(self) -> None:
        """Whether the last batch arrived is not known: it is looked up when the run is opened again."""
