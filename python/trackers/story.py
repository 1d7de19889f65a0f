"""A trial as rows in one order: its jobs one after another, of each the metrics of its programs, then its results."""

from __future__ import annotations

import copy
import json
import os
from typing import Any

from metrics import MetricsFiles, Row
from names import number_of

ENDS_JOB = ("job", "job-done", "end")


class Position:
    """How far a trial has been told: `line` of story.jsonl, the last step sent of each file of its jobs, and the next row's number."""

    def __init__(self, line: int = 0, steps: dict[str, int] | None = None, seq: int = 0):
        self.line, self.steps, self.seq = line, dict(steps or {}), seq

    def json(self) -> dict[str, Any]:
        return {"line": self.line, "steps": copy.copy(self.steps), "seq": self.seq}


class Story:
    """Reads `story.jsonl` of a folder, and what it names, from a position on."""

    def __init__(self, folder: str, work_dir: str, position: Position):
        self.path, self.work_dir, self.at = os.path.join(folder, "story.jsonl"), work_dir, position
        self.lines: list[dict[str, Any]] = []
        self.offset = 0
        self.plans: dict[str, dict[str, Any]] = {}
        self.job: MetricsFiles | None = None
        self.read_lines()
        # What went on when the position was saved is followed again.
        self._follow(self._job_at(self.at.line))

    @property
    def ended(self) -> str | None:
        """How the trial ended, once all of it has been told."""
        last = self.lines[-1] if self.lines else {}
        return last.get("state") if last.get("kind") == "end" and self.at.line >= len(self.lines) else None

    def first_plan(self) -> dict[str, Any]:
        """Of the first job that ran; an empty one until then."""
        return next((self.plan_of(line) for line in self.lines if line["kind"] == "job"), {})

    def read_lines(self) -> None:
        try:
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data.rfind(b"\n") + 1
        self.offset += whole
        self.lines += [json.loads(line) for line in data[:whole].splitlines()]

    def read(self, limit: int) -> list[Row]:
        """At most `limit` rows that are new, numbered."""
        self.read_lines()
        rows: list[Row] = []
        while len(rows) < limit and self.at.line <= len(self.lines):
            following = self.lines[self.at.line]["kind"] if self.at.line < len(self.lines) else None
            # With its end, or another's beginning, all of a job is there.
            is_over = following in ENDS_JOB
            if self.job is not None and (is_over or following is None):
                rows += self.job.read(limit - len(rows), is_over)
                if len(rows) >= limit:
                    break
            if following is None:
                break
            rows += self._next()
        for row in rows:
            row.seq, self.at.seq = self.at.seq, self.at.seq + 1
        return rows

    def _next(self) -> list[Row]:
        line = self.lines[self.at.line]
        self.at.line += 1
        if line["kind"] == "job":
            self._follow(line)
        elif line["kind"] == "job-done":
            self.job = None
            return self._results(line)
        return []

    def _job_at(self, end: int) -> dict[str, Any] | None:
        """The job that goes on behind the first `end` lines."""
        for line in reversed(self.lines[:end]):
            if line["kind"] == "job-done":
                return None
            if line["kind"] == "job":
                return line
        return None

    def _follow(self, line: dict[str, Any] | None) -> None:
        if line is None:
            return
        name = self.name_of(line)
        iteration = line["iteration"]
        prefix = name if iteration == 1 else f"iter_{iteration}.{name}"
        self.job = MetricsFiles(self._folder(line), prefix, f"{iteration}/{line['job']}", self.at.steps)

    def _results(self, line: dict[str, Any]) -> list[Row]:
        try:
            with open(os.path.join(self._folder(line), "manifest.json"), encoding="utf-8") as file:
                manifest = json.load(file)
        except (OSError, ValueError):
            return []
        values = {key: number for key, value in manifest.get("metrics", {}).items() if (number := number_of(value)) is not None}
        return [Row(line["t"], self.name_of(line), line["iteration"], values)] if values else []

    def _folder(self, line: dict[str, Any]) -> str:
        return os.path.join(self.work_dir, "jobs", os.path.basename(line["key"]))

    def plan_of(self, line: dict[str, Any]) -> dict[str, Any]:
        path = line["plan"]
        if path not in self.plans:
            with open(path, encoding="utf-8") as file:
                self.plans[path] = json.load(file)
        return self.plans[path]

    def name_of(self, line: dict[str, Any]) -> str:
        """What the names of a job's metrics begin with: its meta_name; behind its pipeline where several have a job of that name."""
        pipelines = self.plan_of(line)["pipelines"]
        by_pipeline = {each["name"]: [job for stage in each["stages"] for job in stage["jobs"]] for each in pipelines}
        pipeline, name = next((of, job["metaName"]) for of, jobs in by_pipeline.items() for job in jobs if job["id"] == line["job"])
        has_twin = sum(any(job["metaName"] == name for job in jobs) for jobs in by_pipeline.values()) > 1
        return f"{pipeline}.{name}" if has_twin else name
