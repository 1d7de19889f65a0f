"""Answers what a sampler would try next. One JSON message a line on stdin, each with one answer; `{"error": "a sentence"}` where it cannot.

    {"study": {"sampler", "seed", "directions", "space", "trials", "base_dir"}}   → {"ready": true}
    {"ask": number, "attempt": 0}      the point of trial `number`, another with another attempt   → {"point": [...]}
    {"take": number, "point": [...]}   that trial runs with this point   → {"taken": number}

A point has a number for each parameter, in the order of `space`. Nothing is kept of one study for the next: each is built from its `trials`, and
each point is drawn with a seed of its own, made of the sweep's seed and the trial's number. So equal requests have equal answers in any process.
"""

import os

# One thread each: sums must not depend on how many cores a machine has. To be set before numpy is loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import json
import sys
import traceback

from failure import Failure
from past_study import PastStudy


def main():
    # A sampler of the user's own may print: only answers go to what was stdout.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def answer(message):
        answers.write(json.dumps(message, allow_nan=False) + "\n")
        answers.flush()

    study = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "study" in request:
                study = PastStudy(**request["study"])
                answer({"ready": True})
            elif "ask" in request:
                answer({"point": study.ask(request["ask"], request["attempt"])})
            else:
                study.take(request["point"])
                answer({"taken": request["take"]})
        except Failure as failure:
            answer({"error": str(failure)})
        except Exception as error:
            traceback.print_exc()
            answer({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
