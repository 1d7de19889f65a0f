"""segments.json: from where each segment started and how it ended, and so how often a program was started again for nothing."""

from __future__ import annotations

from typing import Any

from files import read_json, write_json

# Between restarts without progress, in seconds: 0, 1, 2, 4, … 60.
LONGEST_PAUSE = 60


class History:
    """The segments of one program, oldest first."""

    def __init__(self, path: str):
        self.path = path
        found = read_json(path)
        self.segments: list[dict[str, Any]] = found if isinstance(found, list) else []

    @property
    def newest(self) -> dict[str, Any] | None:
        return self.segments[-1] if self.segments else None

    def begin(self, segment: dict[str, Any]) -> None:
        self.segments.append({**segment, "restart": self._came_to_grief()})
        write_json(self.path, self.segments)

    def end(self, ended: dict[str, Any]) -> None:
        self.segments[-1]["ended"] = ended
        write_json(self.path, self.segments)

    def has_progressed(self, step: int | None, total: int | None, checkpoint: int | None) -> bool:
        """Whether the newest segment came further than all before it. Another total is another count of steps."""
        earlier = [one["ended"] for one in self.segments if "ended" in one]
        begun = self.segments[-1]["step"]
        steps = [begun, *(one["furthest"] or 0 for one in earlier if one["total"] == total)]
        checkpoints = [begun, *(one["checkpoint"] or 0 for one in earlier)]
        return (step or 0) > max(steps) or (checkpoint or 0) > max(checkpoints)

    def fruitless(self) -> int:
        """Restarts one after another, up to now, that brought nothing."""
        count = 0
        for one in reversed(self.segments):
            ended = one.get("ended")
            if not ended or ended["progress"] or ended["final"] or not (ended["fault"] and one["restart"]):
                break
            count += 1
        return count

    def pause(self) -> float:
        """Seconds to wait before the next segment."""
        fruitless = self.fruitless()
        return min(LONGEST_PAUSE, 2 ** (fruitless - 1)) if fruitless and self._came_to_grief() else 0

    def refused(self) -> set[str]:
        """Checkpoints that the program could not load."""
        return {one["from"] for one in self.segments if one["from"] and one.get("ended", {}).get("cannot_load")}

    def _came_to_grief(self) -> bool:
        ended = (self.newest or {}).get("ended")
        return bool(ended and ended["fault"] and not ended["final"])
