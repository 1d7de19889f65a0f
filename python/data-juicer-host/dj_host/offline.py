"""Keeps jobs from installing packages and downloading models: each attempt becomes a sentence that says what to fetch."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from dj_host.errors import MissingModel, MissingPackage


def forbid_installs_and_downloads() -> None:
    """Replaces Data-Juicer's installer and downloaders."""
    from data_juicer.utils import model_utils
    from data_juicer.utils.lazy_loader import LazyLoader

    LazyLoader._install_package = classmethod(refuse_install)
    find = model_utils.check_model

    def check_model(name: str, force: bool = False) -> str:
        # With `force` the original deletes the file that is there before it downloads.
        path = name if os.path.exists(name) else find(name)
        if force or not os.path.exists(path):
            raise missing_model(name, model_utils)
        return path

    model_utils.check_model = check_model
    model_utils.wget.download = refuse_download
    loaders = model_utils.MODEL_FUNCTION_MAPPING
    for kind, load in loaders.items():
        name = inspect.signature(load).parameters.get('model_name')
        if name is not None and isinstance(name.default, str) and model_utils.get_backup_model_link(name.default):
            loaders[kind] = naming_file(load, name.default, check_model)


def naming_file(load: Callable[..., Any], default: str, check_model: Callable[..., str]) -> Callable[..., Any]:
    """A model's loader that names the file that is missing together with the package, which it would ask for first."""

    @wraps(load)
    def loaded(*args: Any, **kwargs: Any) -> Any:
        try:
            return load(*args, **kwargs)
        except MissingPackage as package:
            try:
                check_model(kwargs.get('model_name', default))
            except MissingModel as model:
                raise MissingPackage(f'{package}; and {model}') from package
            raise

    return loaded


def refuse_install(_loader: type, package: str, pip_args: object = None) -> None:
    raise MissingPackage(
        f'the Python package {package} in the Data-Juicer environment: install it there '
        f'({sys.executable} -m pip install "{package}"), or leave the op out'
    )


def refuse_download(url: str, out: str | None = None, *_rest: object) -> None:
    raise MissingModel(f'a model, and downloads are off while jobs run: fetch {url} and put it at {out or "the path it names"}')


def missing_model(name: str, model_utils: object) -> MissingModel:
    source = model_utils.get_backup_model_link(name)
    url = os.path.join(source or model_utils.MODEL_LINKS, name)
    place = os.path.join(model_utils.DJMC, name)
    return MissingModel(
        f'the model {name}, which is not there or cannot be loaded, and downloads are off while jobs run: fetch {url} and put it at '
        f'{place} (another folder: DATA_JUICER_MODELS_CACHE)'
    )
