"""
Flows of six tasks that do nothing, in threads of one process, against a Prefect server of its own with its default database: the cheapest way that
Prefect has of running flows that its server knows of (a work pool starts a process a flow).

stdin: {"trials": 100, "at_once": 16, "jobs": 6, "folder": "…", "port": 4200}; stdout: {"seconds": wall time, "version": "…"}.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

question = json.load(sys.stdin)
api = f"http://127.0.0.1:{question['port']}/api"
os.environ.update(
    PREFECT_HOME=question["folder"],
    PREFECT_API_URL=api,
    PREFECT_LOGGING_LEVEL="ERROR",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY="false",
    DO_NOT_TRACK="1",
)

import prefect  # noqa: E402


@prefect.task
def job(value: int) -> int:
    return value


@prefect.flow
def trial(value: int) -> int:
    for _ in range(question["jobs"]):
        value = job(value)
    return value


def answers() -> bool:
    try:
        return urllib.request.urlopen(f"{api}/health", timeout=5).status == 200
    except OSError:
        return False


def main() -> None:
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(question["port"]), "--no-ui"]
    log = open(os.path.join(question["folder"], "server.log"), "w")
    server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        while not answers():
            if server.poll() is not None:
                sys.exit(f"Prefect's server ended while it started: see {log.name}")
            time.sleep(0.2)
        trial(0)
        began = time.perf_counter()
        with ThreadPoolExecutor(question["at_once"]) as pool:
            done = list(pool.map(trial, range(question["trials"])))
        seconds = time.perf_counter() - began
        assert done == list(range(question["trials"]))
    finally:
        server.terminate()
        server.wait()
    json.dump({"seconds": seconds, "version": prefect.__version__}, sys.stdout)


if __name__ == "__main__":
    main()
