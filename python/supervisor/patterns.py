"""Log patterns: what a component declares to be read from a program's log. Mirrored by activities/runtime/log-patterns.ts."""

from __future__ import annotations

import math
import re

Record = dict[str, "int | float | str"]

# Colours and other terminal sequences; they carry no content.
ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")
CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
# TypeScript's \s knows these and Python's ASCII \s does not: as plain spaces they are the same to both.
WIDE_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d\d)", re.ASCII)
SPECIAL = {"nan": "NaN", "inf": "Infinity", "infinity": "Infinity", "-inf": "-Infinity", "-infinity": "-Infinity"}


def clean_line(line: str) -> str:
    """Without terminal sequences and control characters, all kinds of space as spaces."""
    return WIDE_SPACES.sub(" ", CONTROLS.sub("", ESCAPES.sub("", line)))


def number_of(text: str) -> int | float | str | None:
    """A number, a clock time as seconds, or 'NaN', 'Infinity', '-Infinity', which JSON has no numbers for; else None."""
    text = text.strip()
    if NUMBER.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            return "-Infinity" if value < 0 else "Infinity"
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    clock = CLOCK.fullmatch(text)
    if clock:
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    return SPECIAL.get(text.lower().removeprefix("+"))


def to_python(pattern: str) -> str:
    """The shared spelling `(?<name>…)` as Python's `(?P<name>…)`."""
    token = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\(\?<(?![=!])", re.DOTALL)
    return token.sub(lambda m: "(?P<" if m[0] == "(?<" else m[0], pattern)


def required_literal(pattern: str) -> bytes | None:
    """The longest text outside all groups that every match contains, to look for before the expression is tried; None if there is none."""
    runs, run, depth, at = [""], "", 0, 0
    atom = re.compile(r"\\(.)|\[(?:\\.|[^\]\\])*\]|(.)", re.DOTALL)
    while at < len(pattern):
        found = atom.match(pattern, at)
        if not found:
            return None
        at = found.end()
        escaped, plain = found[1], found[2]
        if escaped and escaped in "xuUN0123456789":
            return None
        literal = escaped if escaped and not escaped.isalnum() else plain if plain and plain not in "()|.^$*+?{}" else None
        if plain == "|" and depth == 0:
            return None
        depth += (plain == "(") - (plain == ")")
        optional = at < len(pattern) and pattern[at] in "*?{"
        if depth == 0 and literal and not optional:
            run += literal
        else:
            runs.append(run)
            run = ""
        if plain == "{":
            at = pattern.index("}", at) + 1
    longest = max([*runs, run], key=len)
    return longest.encode() if longest else None


class Patterns:
    """The patterns of one program, ready to be applied to lines."""

    def __init__(self, declared: list[dict[str, str]]):
        # ASCII: \d, \w and \s mean the same as in TypeScript.
        self.patterns = [(re.compile(to_python(p["pattern"]), re.ASCII), p["kind"]) for p in declared]
        literals = [required_literal(p["pattern"]) for p in declared]
        self.literals: list[bytes] | None = None if None in literals else sorted(set(filter(None, literals)))

    def parse(self, line: str) -> Record | None:
        """What the line tells: the first match of each pattern, merged; None where it tells nothing."""
        if not line.isascii() or not line.isprintable():
            line = clean_line(line)
        record: Record = {}
        for pattern, kind in self.patterns:
            match = pattern.search(line)
            if not match:
                continue
            if kind != "metrics":
                text = match.groupdict().get(kind)
                if text:
                    record[kind] = text
                continue
            for name, text in match.groupdict().items():
                value = None if text is None else number_of(text)
                if value is None:
                    continue
                if name != "seconds_per_step":
                    record[name] = value
                elif isinstance(value, (int, float)) and value > 0:
                    record["speed"] = 1 / value
        _count_epochs(record)
        return record or None


def _count_epochs(record: Record) -> None:
    """With `epoch_index` (from 0) or `epoch_number` (from 1), `step` of `total` is one of that epoch, and becomes one of all."""
    index, number = record.pop("epoch_index", None), record.pop("epoch_number", None)
    epoch, step, total = index if number is None else number, record.get("step"), record.get("total")
    if not isinstance(epoch, (int, float)):
        return
    record["epoch"] = epoch
    if isinstance(step, (int, float)) and isinstance(total, (int, float)):
        record["step"] = (epoch if number is None else epoch - 1) * total + step
        del record["total"]


def bad_loss(record: Record) -> str | None:
    """Says which loss is NaN or infinite, if one is."""
    for name, value in record.items():
        if (name == "loss" or name.endswith("_loss")) and isinstance(value, str):
            step = f" at step {record['step']}" if "step" in record else ""
            return f"{name} is {value}{step}"
    return None
