"""Text generation by Hugging Face Transformers, with a chat model of a folder or of the hub.

OPTIONS: {"model", "model_params": of from_pretrained, "sampling_params": of generate, "batch_size", "seed"}.
"""

import sys
from collections.abc import Iterator
from typing import Any

from asking import Answer, GiveUp, Keep, Question, in_batches, shown

try:
    import torch
    import transformers
except ImportError as error:
    raise GiveUp(f"this Python ({sys.executable}) cannot import what the model needs: {error}") from error

# As Data-Juicer has it where neither the config nor the model says anything: Transformers' own limit is meant for demonstrations.
NEW_TOKENS = 512
# A whole number stays one on its way here, and Transformers takes only fractions for these.
FRACTIONS = ("temperature", "top_p", "min_p", "typical_p", "repetition_penalty", "length_penalty")
# Which of from_pretrained's arguments are a tokenizer's as well.
OF_HUB = ("revision", "trust_remote_code", "token", "cache_dir", "subfolder", "local_files_only")


def load(options: dict[str, Any]) -> "HuggingFace":
    return HuggingFace(options)


class HuggingFace:
    """A pipeline of one model."""

    def __init__(self, options: dict[str, Any]) -> None:
        print("dj-sandbox phase: loading the model", flush=True)
        self._name, self._batch, self._seed = options["model"], options["batch_size"], options["seed"]
        self._pipeline = self._load(dict(options["model_params"]))
        sampling = options["sampling_params"]
        self._sampling = {name: float(value) if name in FRACTIONS and type(value) is int else value for name, value in sampling.items()}
        if "max_new_tokens" not in self._sampling and "max_length" not in self._sampling:
            self._sampling["max_new_tokens"] = self._pipeline.model.generation_config.max_new_tokens or NEW_TOKENS
        self.notes = [f"{self._name} was asked"]
        self.versions = {"transformers": transformers.__version__, "torch": torch.__version__}

    def answer(self, questions: Iterator[Question], keep: Keep) -> None:
        print("dj-sandbox phase: answering", flush=True)
        for batch in in_batches(questions, self._batch):
            first = batch[0]
            # By the sample's place, so that a job that goes on draws what one that was never interrupted draws.
            transformers.set_seed((self._seed + 1_000_003 * first.dataset + first.index) % 2**32)
            try:
                outputs = self._pipeline(
                    [question.messages for question in batch], return_full_text=False, batch_size=self._batch, **self._sampling
                )
            except (ValueError, TypeError) as error:
                raise GiveUp(f"{first.place}: {self._name} cannot answer: {type(error).__name__}: {shown(str(error))}") from error
            for question, output in zip(batch, outputs, strict=True):
                keep(question, Answer(output[0]["generated_text"]))

    def _load(self, params: dict[str, Any]) -> Any:
        device = params.pop("device", None) or ("cuda:0" if torch.cuda.is_available() else "cpu")
        placed = {} if "device_map" in params or device == "cpu" else {"device_map": device}
        hub = {name: params[name] for name in OF_HUB if name in params}
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(self._name, **hub)
            model = transformers.AutoModelForCausalLM.from_pretrained(self._name, **params, **placed)
        except Exception as error:
            advice = "give the folder of a model that generates text, or let the host reach the hub"
            raise GiveUp(f"the model {self._name} cannot be loaded: {type(error).__name__}: {shown(str(error))}; {advice}") from error
        if tokenizer.chat_template is None:
            raise GiveUp(f"the model {self._name} has no chat template in its tokenizer: take one that was made for chats")
        if self._batch > 1:
            tokenizer.padding_side = "left"
            if tokenizer.pad_token is None:
                tokenizer.pad_token = tokenizer.eos_token
            if tokenizer.pad_token is None:
                raise GiveUp(f"the tokenizer of {self._name} has nothing to fill up a batch with: leave out batch_size")
        model.eval()
        return transformers.pipeline("text-generation", model=model, tokenizer=tokenizer)
