"""How a program of ours ends for a reason that the user can do something about."""

import sys
from typing import NoReturn


def fail(message: str) -> NoReturn:
    """Ends the program with one sentence that the activity shows to the user as it is."""
    sys.exit(f"dj-sandbox: error: {message}")
