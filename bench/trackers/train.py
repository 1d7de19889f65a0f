"""A training of a fixed amount of work that tells ten metrics a step, about 1,000 a second: train.py OUTPUT STEPS WORK RESULT."""

import json
import os
import sys
import time


def main(output, steps, work, result):
    began = time.monotonic()
    for step in range(1, steps + 1):
        total = 0
        for i in range(work):
            total += i * i
        numbers = " ".join(f"m{n}={(total % 1000 + n) / step:.6f}" for n in range(9))
        print(f"step={step}/{steps} loss={1 / step:.6f} {numbers}", flush=True)
    with open(os.path.join(output, "model"), "w") as file:
        file.write("m")
    with open(result, "w") as file:
        json.dump({"seconds": time.monotonic() - began, "cpu_seconds": time.process_time()}, file)


def work_of_a_hundredth():
    """How many turns of the inner loop take a hundredth of a second here."""
    began, turns = time.perf_counter(), 0
    while time.perf_counter() - began < 1:
        total = 0
        for i in range(1000):
            total += i * i
        turns += 1000
    return turns // 100


if sys.argv[1] == "--measure":
    print(work_of_a_hundredth())
else:
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
