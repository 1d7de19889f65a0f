"""A training of a fixed amount of work that tells ten metrics a step, about 1,000 a second: train.py OUTPUT STEPS WORK RESULT BESIDE.

BESIDE processes compute beside it, as those of a data loader do. RESULT: how long it took and how long of that it waited for a processor, seconds.
"""

import json
import multiprocessing
import os
import sys
import time


def main(output, steps, work, result, beside):
    for _ in range(beside):
        multiprocessing.Process(target=compute, daemon=True).start()
    began, waited_before = time.monotonic(), waited()
    for step in range(1, steps + 1):
        total = 0
        for i in range(work):
            total += i * i
        numbers = " ".join(f"m{n}={(total % 1000 + n) / step:.6f}" for n in range(9))
        print(f"step={step}/{steps} loss={1 / step:.6f} {numbers}", flush=True)
    took = {"seconds": time.monotonic() - began, "waited": waited() - waited_before}
    with open(os.path.join(output, "model"), "w") as file:
        file.write("m")
    with open(result, "w") as file:
        json.dump(took, file)


def compute():
    while True:
        pass


def waited():
    """Runnable, and on no processor: the second number of Linux's schedstat."""
    with open("/proc/self/schedstat") as file:
        return int(file.read().split()[1]) / 1e9


def work_of_a_hundredth():
    """How many turns of the inner loop take a hundredth of a second here."""
    began, turns = time.perf_counter(), 0
    while time.perf_counter() - began < 1:
        total = 0
        for i in range(1000):
            total += i * i
        turns += 1000
    return turns // 100


if __name__ == "__main__":
    if sys.argv[1] == "--measure":
        print(work_of_a_hundredth())
    else:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
