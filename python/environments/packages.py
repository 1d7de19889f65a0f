"""Prints as JSON the version of this Python and of every package that it has: {"python": …, "packages": {name: version}}. Standard library only."""

import json
import platform
from importlib import metadata


def commit(found):
    """` (commit)` of a package that was installed from a repository."""
    try:
        told = json.loads(found.read_text("direct_url.json") or "{}")
    except ValueError:
        return ""
    known = told.get("vcs_info", {}).get("commit_id")
    return f" ({known})" if known else ""


packages = {}
for each in metadata.distributions():
    name = each.metadata["Name"]
    # What stands first on the path is what is imported.
    if name and name not in packages:
        packages[name] = f"{each.version}{commit(each)}"

print(json.dumps({"python": platform.python_version(), "packages": dict(sorted(packages.items()))}))
