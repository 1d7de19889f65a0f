"""The original's own code: `python original.py` reads {"original": its checkout, "configs": sandbox configs} as JSON and runs them one after the
other in this process. Writes {"imports": seconds, "trials": [seconds, …]} as JSON.
"""

import contextlib
import importlib
import json
import sys
import time

question = json.load(sys.stdin)
sys.path.insert(0, question["original"])
with contextlib.redirect_stdout(sys.stderr):
    began = time.perf_counter()
    # It imports its folder "thirdparty" by the name that this had in an earlier repository.
    sys.modules["tools"] = importlib.import_module("thirdparty")
    from data_juicer_sandbox.cli.sandbox_starter import init_sandbox_configs
    from data_juicer_sandbox.pipelines import SandBoxExecutor

    imports = time.perf_counter() - began
    trials = []
    for config in question["configs"]:
        began = time.perf_counter()
        SandBoxExecutor(init_sandbox_configs(["--config", config])).run()
        trials.append(time.perf_counter() - began)
print(json.dumps({"imports": imports, "trials": trials}))
