"""Text generation by vLLM in this process.

OPTIONS: {"model", "model_params": of vllm.LLM, "sampling_params": of vllm.SamplingParams, "batch_size", "gpus": that the job holds}.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

from asking import Answer, GiveUp, Keep, Question, in_batches, shown

# As Data-Juicer has it. Its workers must not inherit a CUDA context.
os.environ["VLLM_WORKER_MULTIPROC_METHOD"] = "spawn"

try:
    import vllm
except ImportError as error:
    raise GiveUp(
        f"this Python ({sys.executable}) cannot import vllm ({error}): name an environment that has it in env_name or launcher.python"
    ) from error

# As Data-Juicer has it where the config says nothing: vLLM's own limit is 16.
MAX_TOKENS = 512


def load(options: dict[str, Any]) -> "OnVllm":
    return OnVllm(options)


class OnVllm:
    """An engine with one model."""

    def __init__(self, options: dict[str, Any]) -> None:
        print("dj-sandbox phase: loading the model", flush=True)
        self._name, self._batch = options["model"], options["batch_size"]
        params = {"tensor_parallel_size": options["gpus"], "generation_config": "auto", **options["model_params"]}
        try:
            self._llm = vllm.LLM(model=self._name, **params)
            self._sampling = _sampling_of(dict(options["sampling_params"]))
        except (OSError, ValueError, TypeError) as error:
            raise GiveUp(f"vLLM cannot load {self._name}: {type(error).__name__}: {shown(str(error))}") from error
        self.notes = [f"{self._name} was asked"]
        self.versions = {"vllm": vllm.__version__}

    def answer(self, questions: Iterator[Question], keep: Keep) -> None:
        print("dj-sandbox phase: answering", flush=True)
        for batch in in_batches(questions, self._batch):
            try:
                outputs = self._llm.chat([question.messages for question in batch], self._sampling, use_tqdm=False)
            except (ValueError, TypeError) as error:
                raise GiveUp(f"one of the {len(batch)} samples from {batch[0].place} on: vLLM cannot answer: {shown(str(error))}") from error
            for question, output in zip(batch, outputs, strict=True):
                keep(question, _answer(output))


def _sampling_of(params: dict[str, Any]) -> Any:
    # The second is the name that Transformers has for it.
    params.setdefault("max_tokens", params.pop("max_new_tokens", None) or MAX_TOKENS)
    return vllm.SamplingParams(**params)


def _answer(output: Any) -> Answer:
    first = output.outputs[0]
    return Answer(
        first.text,
        prompt_tokens=len(output.prompt_token_ids or ()),
        completion_tokens=len(first.token_ids),
        cut=first.finish_reason == "length",
    )
