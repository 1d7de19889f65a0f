"""
Ends what a dead supervisor left running in DIRECTORY and says so in exit.json, so that a cancelled job leaves nothing behind.

    reap.py DIRECTORY

Exit code 75: a supervisor lives; ask it instead.
"""

from __future__ import annotations

import sys
import time

from directory import Directory


def main(path: str) -> int:
    directory = Directory(path)
    if not directory.take_lock():
        return 75
    left = directory.end_orphans()
    if left:
        raise SystemExit(f"processes of {directory.path} cannot be ended: {left}")
    if not directory.exit():
        end = {"segment": directory.segment(), "epoch": directory.newest_epoch(), "code": None, "signal": None}
        detail = "its supervisor had died; what was left running was ended"
        directory.write_exit({**end, "why": "stopped", "detail": detail, "final": False, "left": [], "t": round(time.time(), 3)})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
