"""Names and values as trackers take them: whoever names a project or a metric may write anything."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from typing import Any

SECRET = re.compile(r"(?:^|[._-])(?:api[._-]?key|access[._-]?key|token|secret|password|passwd|credentials?)(?:$|[._-])", re.IGNORECASE)
MOST_SETTINGS = 2_000
VALUE_CHARS = 1_000


def fitting(name: str, refused: str, longest: int) -> str:
    """`name` with what the class of characters `refused` holds replaced; one that had to change ends in a hash, so that no two become one."""
    plain = re.sub(f"[{refused}\\x00-\\x1f\\x7f\\ud800-\\udfff]", "_", name)
    if plain == name and 0 < len(name) <= longest:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[: longest - 9]}-{digest}"


def flat(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    """Leaves of nested maps by their dotted keys; lists are leaves, as JSON."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{at}.{key}" if at else str(key))
    elif isinstance(value, (bool, int, float)) or value is None:
        yield at, value
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield at, text if len(text) <= VALUE_CHARS else f"{text[:VALUE_CHARS]}…"


def settings_of(plan: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What the trial ran with: values set from outside, the config's own, then each job's as `<meta_name>.<key>`. Keys of secrets are left out."""
    found: dict[str, Any] = dict(flat({"sandbox": {
        "project_name": plan.get("projectName"),
        "experiment_name": plan.get("experimentName"),
        "max_iter_num": plan.get("maxIterNum"),
    }}, ""))
    for pipeline in plan.get("pipelines", []):
        for stage in pipeline["stages"]:
            for job in stage["jobs"]:
                for config in ("dj_configs", "extra_configs"):
                    found.update(flat(job["config"].get(config) or {}, f"{job['metaName']}.{config}"))
    found.update((name, value) for key, set_to in given.items() for name, value in flat(set_to, key))
    kept = [(key, value) for key, value in found.items() if value is not None and not SECRET.search(key)]
    return dict(kept[:MOST_SETTINGS])


def number_of(value: Any) -> float | None:
    """A number, also one that JSON has none for; None for all else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(value) if isinstance(value, str) else None
