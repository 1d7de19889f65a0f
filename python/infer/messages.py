"""What a model is asked about a sample and what is kept of its answer, by the names that configs give.

The names, their keys and what they make are Data-Juicer Sandbox's: build_messages_func, parse_output_func, func_kwargs. Keys may be dotted.
"""

from collections.abc import Callable
from typing import Any

from samples import value_at

Sample = dict[str, Any]
Messages = list[dict[str, Any]]


def build_messages(sample: Sample, keys: dict[str, Any]) -> Messages:
    """The sample's question, after its system prompt where it has one. Raises KeyError where it has no question."""
    return _conversation(sample, keys, _of(sample, keys, "query_key", "query"))


def build_messages_for_math_qa(sample: Sample, keys: dict[str, Any]) -> Messages:
    """A question with an answer to it, for a model that grades the answer."""
    question, answer = _of(sample, keys, "query_key", "query"), _of(sample, keys, "response_key", "response")
    return _conversation(sample, keys, f"Question: {question}\nAnswer: {answer}")


def parse_output(output: Any, sample: Sample, keys: dict[str, Any]) -> Any:
    """The answer as it is."""
    return output


BUILD_MESSAGES: dict[str, Callable[[Sample, dict[str, Any]], Messages]] = {
    "build_messages": build_messages,
    "build_messages_for_math_qa": build_messages_for_math_qa,
}
PARSE_OUTPUT: dict[str, Callable[[Any, Sample, dict[str, Any]], Any]] = {"parse_output": parse_output}


def _conversation(sample: Sample, keys: dict[str, Any], content: Any) -> Messages:
    try:
        system = _of(sample, keys, "system_key", "system")
    except KeyError:
        system = None
    asked = [{"role": "user", "content": content}]
    return [{"role": "system", "content": system}, *asked] if system else asked


def _of(sample: Sample, keys: dict[str, Any], name: str, usual: str) -> Any:
    return value_at(sample, keys.get(name) or usual)
