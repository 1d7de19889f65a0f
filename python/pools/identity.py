"""When two samples are the same: their JSON values are equal, however they are written."""

import hashlib
import json
import re
from typing import Any

import orjson

WHOLE_FLOAT = re.compile(rb"[0-9]\.0[,\]}]")
# Beyond it floats are whole without meaning to be.
EXACT = 2.0**53


def identity(value: Any) -> tuple[int, int]:
    """128 bits of a sample's value, as two numbers: neither the order of keys nor the spelling of numbers (1 and 1.0) matters."""
    text = canonical(value)
    if WHOLE_FLOAT.search(text):
        text = canonical(whole(value))
    digest = hashlib.blake2b(text, digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def canonical(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # NaN, half surrogate pairs, whole numbers over 64 bits.
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def whole(value: Any) -> Any:
    """The value with 1 for 1.0."""
    match value:
        case float():
            return int(value) if abs(value) < EXACT and value.is_integer() else value
        case dict():
            return {key: whole(each) for key, each in value.items()}
        case list():
            return [whole(each) for each in value]
        case _:
            return value
