"""What holds for every job: Data-Juicer imported, nothing installed or downloaded at run time."""

from __future__ import annotations

import os
from importlib.metadata import version

OFFLINE = {
    'UV_OFFLINE': '1',
    'UV_NO_CACHE': '1',
    'PIP_NO_INDEX': '1',
    'HF_HUB_OFFLINE': '1',
    'HF_DATASETS_OFFLINE': '1',
    'TRANSFORMERS_OFFLINE': '1',
    # A job's processes share the machine's cores already.
    'TOKENIZERS_PARALLELISM': 'false',
    'MPLBACKEND': 'Agg',
}


def prepare_environment() -> None:
    """Imports everything that jobs need, once; each job is a fork that finds it imported."""
    os.environ.update(OFFLINE)
    import data_juicer.config.config  # noqa: F401
    import data_juicer.core.analyzer  # noqa: F401
    import data_juicer.core.executor.default_executor  # noqa: F401
    import torch  # noqa: F401 - Data-Juicer asks for it after every op

    import dj_host.actions  # noqa: F401


def versions() -> dict[str, str]:
    """Versions that a job's record names."""
    return {name: version(name) for name in ('py-data-juicer', 'datasets', 'torch')}
