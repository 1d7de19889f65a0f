"""Data-Juicer host: imports Data-Juicer once and forks a process for each job.

    python host.py        requests as JSON lines on stdin, replies as JSON lines on stdout (see dj_host/server.py)

A job's own output goes to its log, never to stdout. The end of stdin ends the host and every job. Nothing is imported or run when
this file is not the main program: processes that Data-Juicer spawns import it again.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == '__main__':
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from dj_host.server import main

    sys.exit(main())
