"""When a request may be made, and when it is made again."""

import asyncio
import math
import random
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

LONGEST_BACKOFF_S = 60.0
# A server that asks for more will not answer today.
LONGEST_ASKED_S = 3600.0
TELL_EVERY_S = 60.0


def seconds_asked(headers: Mapping[str, str]) -> float | None:
    """What Retry-After (RFC 9110) or retry-after-ms asks for; a date is taken by the server's own clock. None where it asks for nothing."""
    asked = headers.get("retry-after", "")
    try:
        seconds = float(headers["retry-after-ms"]) / 1000 if "retry-after-ms" in headers else float(asked)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(timezone.utc)
        return max(0.0, (parsedate_to_datetime(asked) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def backoff(tried: int, first: float) -> float:
    """Seconds before the next request, after `tried` of them: twice as long each time, the half of it at random, so that many do not ask at once."""
    longest = min(LONGEST_BACKOFF_S, first * 2 ** min(tried - 1, 30))
    return longest * (0.5 + random.random() / 2)


class Turns:
    """Spaces the requests of all askers evenly, and has all of them wait where the server asks for it."""

    def __init__(self, per_minute: float | None) -> None:
        self._interval = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0
        self._not_before = 0.0
        self._told_at = 0.0
        self._over = asyncio.Event()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def end(self) -> None:
        """Nobody waits any more: one of the askers has given up."""
        self._over.set()

    def hold(self, seconds: float) -> None:
        """No request before so many seconds from now."""
        self._not_before = max(self._not_before, time.monotonic() + seconds)

    async def turn(self) -> None:
        """Waits until a request may be made."""
        now = time.monotonic()
        mine = max(now, self._next)
        self._next = mine + self._interval
        await self.wait(mine - now)
        while not self.is_over and (left := self._not_before - time.monotonic()) > 0:
            await self.wait(left)

    async def wait(self, seconds: float) -> None:
        """Sleeps, and says now and then that it does: a silent program counts as stalled."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if left > TELL_EVERY_S and time.monotonic() - self._told_at >= TELL_EVERY_S:
                self._told_at = time.monotonic()
                print(f"waiting for {left:.0f} s before it asks again", flush=True)
            try:
                await asyncio.wait_for(self._over.wait(), min(left, TELL_EVERY_S))
                return
            except asyncio.TimeoutError:
                continue
