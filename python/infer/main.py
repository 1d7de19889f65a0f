"""Asks a language model about each sample of datasets and writes the samples with its answers.

    python main.py REQUEST.json

REQUEST: {"kind": "api" | "huggingface" | "vllm", "options": the model's own; "datasets", "outputs": paths, one for one;
"build_messages_func", "parse_output_func", "func_kwargs", "infer_res_key": as in Data-Juicer Sandbox; "answers": the file that answers are
kept in as they come, "earlier": those of earlier runs; "price": {"input", "output"} of a million tokens, or null; "result": where to
write what was done}.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Datasets are read, and failures told, as the programs of evaluation do it.
sys.path.append(str(Path(__file__).resolve().parent.parent / "evaluate"))

from answers import Answers
from asking import Answer, Failure, GiveUp, Question
from messages import BUILD_MESSAGES, PARSE_OUTPUT
from samples import samples
from sentence import fail

MODELS = {"api": "api", "huggingface": "hugging_face", "vllm": "on_vllm"}
TELL_EVERY_S = 0.2


def main() -> None:
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answers = Answers(Path(request["answers"]), map(Path, request["earlier"]))
    # All samples are read before the first is asked about: what is wrong with one costs nothing.
    progress = Progress()
    for question in questions(request):
        progress.total += 1
        progress.done += answers.has(question)
    progress.tell()
    failed: dict[tuple[int, int], str] = {}

    def keep(question: Question, answer: Answer | Failure) -> None:
        if isinstance(answer, Failure):
            failed[(question.dataset, question.index)] = f"{question.place}: {answer.why}"
        else:
            answers.keep(question, answer)
        progress.another()

    told: dict[str, Any] = {"notes": [], "versions": {}}
    if progress.done < progress.total:
        kept = progress.done
        try:
            model = importlib.import_module(MODELS[request["kind"]]).load(request["options"])
            model.answer((question for question in questions(request) if not answers.has(question)), keep)
        except GiveUp as error:
            done = progress.done - len(failed)
            fail(f"{error} ({done} of {progress.total} samples are answered and kept: the job, run again, goes on from there)" if done else str(error))
        progress.tell()
        told = {"notes": model.notes, "versions": model.versions}
        if kept:
            told["notes"].append(f"{kept} of {progress.total} samples had been answered by an earlier run")
    if len(failed) == progress.total:
        fail(f"no sample was answered; the first: {next(iter(failed.values()))}")
    told.update(write(request, answers, failed))
    Path(request["result"]).write_text(json.dumps(told, allow_nan=False), encoding="utf-8")


class Progress:
    """How many samples are done, told a few times a second."""

    def __init__(self) -> None:
        self.done = self.total = 0
        self._told_at = 0.0

    def another(self) -> None:
        self.done += 1
        if time.monotonic() - self._told_at >= TELL_EVERY_S:
            self.tell()

    def tell(self) -> None:
        self._told_at = time.monotonic()
        print(f"answered {self.done}/{self.total} samples", flush=True)


def questions(request: dict[str, Any]) -> Iterator[Question]:
    """What is asked about each sample, in their order; ends the program at the first that nothing can be asked about."""
    build = BUILD_MESSAGES[request["build_messages_func"]]
    for number, path in enumerate(request["datasets"]):
        for index, (place, sample) in enumerate(samples(Path(path))):
            if not isinstance(sample, dict):
                fail(f"{path}, {place}: this is no sample (a JSON object)")
            try:
                messages = build(sample, request["func_kwargs"])
            except KeyError as error:
                fail(f'{path}, {place}: there is no "{error.args[0]}" in the sample ({", ".join(list(sample)[:10])}); func_kwargs names the keys')
            yield Question(number, index, f"{path}, {place}", messages)


def write(request: dict[str, Any], answers: Answers, failed: dict[tuple[int, int], str]) -> dict[str, Any]:
    """Writes the samples with their answers, each file whole or not at all; returns counts, tokens and costs."""
    parse = PARSE_OUTPUT[request["parse_output_func"]]
    account = Account(request["price"])
    for number, (path, output) in enumerate(zip(map(Path, request["datasets"]), map(Path, request["outputs"]), strict=True)):
        output.parent.mkdir(parents=True, exist_ok=True)
        part = output.with_name(f".{output.name}.{os.getpid()}")
        # A model may give half a surrogate pair: its escape is JSON, its bytes are none.
        with open(part, "w", encoding="utf-8", errors="backslashreplace") as file:
            for index, (_, sample) in enumerate(samples(path)):
                answer = None if (number, index) in failed else answers.of(number, index)
                account.add(answer)
                value = None if answer is None else parse(answer.text, sample, request["func_kwargs"])
                file.write(json.dumps({**sample, request["infer_res_key"]: value}, ensure_ascii=False, default=str) + "\n")
        part.replace(output)
    return {**account.total(), "first_failure": next(iter(failed.values()), None)}


class Account:
    """Counts, tokens and costs of answers. What only some servers tell is null where none of the answers told it."""

    def __init__(self, price: dict[str, float] | None) -> None:
        self._price = price
        self._counts = {"samples": 0, "answered": 0, "failed": 0, "cut_off": 0, "requests": 0, "retries": 0, "unmetered": 0}
        self._tokens: dict[str, int] = {}
        self._cost: float | None = None

    def add(self, answer: Answer | None) -> None:
        counts = self._counts
        counts["samples"] += 1
        if answer is None:
            counts["failed"] += 1
            return
        counts["answered"] += 1
        counts["cut_off"] += answer.cut
        counts["requests"] += answer.requests
        counts["retries"] += answer.requests - 1
        counts["unmetered"] += answer.prompt_tokens is None or answer.completion_tokens is None
        for name in ("prompt_tokens", "completion_tokens"):
            tokens = getattr(answer, name)
            if tokens is not None:
                self._tokens[name] = self._tokens.get(name, 0) + tokens
        cost = answer.cost if self._price is None else self._priced(answer)
        if cost is not None:
            self._cost = (self._cost or 0.0) + cost

    def total(self) -> dict[str, Any]:
        return {**self._counts, "prompt_tokens": None, "completion_tokens": None, **self._tokens, "cost": self._cost}

    def _priced(self, answer: Answer) -> float | None:
        if answer.prompt_tokens is None or answer.completion_tokens is None:
            return None
        return (answer.prompt_tokens * self._price["input"] + answer.completion_tokens * self._price["output"]) / 1e6


if __name__ == "__main__":
    main()
