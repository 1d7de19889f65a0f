"""The original's own code: `python original.py OPERATION EXPORT_PATH DATASET …` prints {seconds, cpu, peak, imports} as JSON.

`seconds` and `cpu` are those of the operation alone; `peak` is the process's, of which `imports` were there before it began; in bytes.
"""

import json
import resource
import sys
import time

from data_juicer.core.sandbox.data_pool_manipulators import DataPoolCombination, DataPoolConstruction


def used() -> tuple[float, float, int]:
    """Wall clock, CPU seconds, peak memory."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


operation, export_path, *dataset_path = sys.argv[1:]
kind = {"construction": DataPoolConstruction, "combination": DataPoolCombination}[operation]
began, cpu_before, imports = used()
kind({"dataset_path": dataset_path, "export_path": export_path}).run()
ended, cpu, peak = used()
print(json.dumps({"seconds": ended - began, "cpu": cpu - cpu_before, "peak": peak, "imports": imports}))
