"""Stands where EasyAnimate has a T5 encoder: words as sums of fixed random vectors, one for each of their n-grams."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

import numpy as np
import torch

MAX_WORDS = 16
# Words that say nothing about the picture.
SKIPPED = frozenset("a an and at by for in is it of on the to with".split())


@lru_cache(maxsize=4096)
def _vector(ngram: str, dim: int) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(ngram.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(dim)


@lru_cache(maxsize=4096)
def _word(word: str, dim: int) -> np.ndarray:
    marked = f"<{word}>"
    ngrams = [marked] + [marked[i : i + n] for n in (3, 4) for i in range(len(marked) - n + 1)]
    total = sum(_vector(ngram, dim) for ngram in ngrams)
    return total / np.linalg.norm(total) * np.sqrt(dim)


def encode_texts(texts: list[str], dim: int) -> torch.Tensor:
    """[texts, MAX_WORDS, dim]; unused places are zero. The same text gives the same numbers everywhere."""
    encoded = np.zeros((len(texts), MAX_WORDS, dim), dtype=np.float32)
    for row, text in enumerate(texts):
        words = [word for word in re.findall(r"\w+", text.lower()) if word not in SKIPPED]
        for place, word in enumerate(words[:MAX_WORDS]):
            encoded[row, place] = _word(word, dim)
    return torch.from_numpy(encoded)
