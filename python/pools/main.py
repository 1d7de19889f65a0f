"""Runs one operation on data pools.

    python main.py REQUEST RESULT

REQUEST: {operation, datasets: [{path, stem}], folder, scratch, memory, options}. RESULT, written atomically: {made: [{path, rows}],
samples_in, notes, versions}, or {failed: sentence} for data that cannot be used: then the exit code is 0 too, because running it
again would not help.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy
import pyarrow

from cartesian_join import join_all
from coco import to_data_juicer, write_meta
from combination import combine
from construction import construct
from downsampling import downsample
from duplication import duplicate
from failure import BadInput
from job import Dataset, Job
from merging import merge
from progress import Progress
from samples import first_line

OPERATIONS = {
    "construction": construct,
    "combination": combine,
    "duplication": duplicate,
    "downsampling": downsample,
    "merging": merge,
    "cartesian_join": join_all,
    "coco_caption_to_dj": to_data_juicer,
    "coco_caption_meta": write_meta,
}


def main(request_path: Path, result_path: Path) -> None:
    request = json.loads(request_path.read_text(encoding="utf-8"))
    scratch = Path(request["scratch"])
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        result = run(request, scratch)
    except BadInput as problem:
        result = {"failed": str(problem)}
    except duckdb.OutOfMemoryException as problem:
        said = f"{request['memory']} of memory did not suffice to sort and join: raise extra_configs.memory_limit"
        result = {"failed": f"{said} ({first_line(problem)})"}
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    part = result_path.with_name(f"{result_path.name}.partial")
    part.write_text(json.dumps(result), encoding="utf-8")
    os.replace(part, result_path)


def run(request: dict[str, Any], scratch: Path) -> dict[str, Any]:
    folder = Path(request["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    with Progress().told() as progress:
        job = Job(
            datasets=[Dataset(Path(each["path"]), each["stem"]) for each in request["datasets"]],
            folder=folder,
            scratch=scratch,
            memory=request["memory"],
            options=request["options"],
            progress=progress,
        )
        OPERATIONS[request["operation"]](job)
    versions = {"duckdb": duckdb.__version__, "numpy": numpy.__version__, "pyarrow": pyarrow.__version__}
    return {"made": job.made, "samples_in": job.samples_in, "notes": job.notes, "versions": versions}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
