"""The order that `datasets` gives to a shuffle with a seed, so that the original's pools and ours hold the same samples."""

import numpy as np


def shuffled(count: int, seed: int) -> np.ndarray:
    """Indices 0 … count − 1 as numpy's PCG64 of that seed permutes them; four bytes an index where that is enough."""
    kind = np.uint32 if count < 2**32 else np.int64
    return np.random.default_rng(seed).permutation(np.arange(count, dtype=kind))
