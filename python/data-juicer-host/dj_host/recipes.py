"""Makes a recipe ready to run: checks its datasets and moves Data-Juicer's own files into the job's scratch folder."""

from __future__ import annotations

import gzip
import os
import shlex
from pathlib import Path
from typing import Any, NoReturn

from dj_host.errors import JobError

SMALL_BYTES = 64 * 1024 * 1024


def prepared(request: dict, **own: Any) -> Any:
    """The recipe as Data-Juicer's config object, with keys of the caller's `own`; raises JobError where it cannot run."""
    from data_juicer.config.config import get_init_configs
    from data_juicer.core.preflight import pre_instantiation_check
    from jsonargparse import ArgumentParser

    recipe = dict(request['recipe'])
    size = sum(checked(path) for path in local_paths(recipe))
    pre_instantiation_check(recipe.get('process') or [])
    if size < SMALL_BYTES:
        recipe['load_dataset_kwargs'] = {'num_proc': 1, **(recipe.get('load_dataset_kwargs') or {})}
    scratch = request['scratch']
    Path(recipe['export_path']).parent.mkdir(parents=True, exist_ok=True)
    # Data-Juicer makes <work_dir>/<job_id> unless the one ends with the other.
    recipe |= {'work_dir': scratch, 'job_id': Path(scratch).name, 'ds_cache_dir': f'{scratch}/cache', 'skip_op_error': True} | own
    take_paths_as_they_are()
    ArgumentParser.error = refuse
    return get_init_configs(recipe)


def refuse(_parser: object, message: str, *_rest: object) -> NoReturn:
    """Where Data-Juicer's parser would print its usage and exit."""
    raise JobError('Data-Juicer refused the recipe: ' + ' '.join(message.split()))


def local_paths(recipe: dict) -> list[str]:
    """Dataset paths that must be on this host; hub names (`org/name`) and generated datasets are not."""
    if recipe.get('generated_dataset_config'):
        return []
    path = recipe.get('dataset_path')
    if path:
        if os.path.exists(path):
            return [path]
        words = shlex.split(path)
        weighted = len(words) > 1 and any(is_number(word) for word in words)
        return [word for word in words if not is_number(word)] if weighted else [path]
    dataset = recipe.get('dataset') or {}
    configs = dataset if isinstance(dataset, list) else dataset.get('configs', [])
    found = [config['path'] for config in configs if config.get('type', 'local') == 'local' and config.get('path')]
    if not found and not configs:
        raise JobError('the recipe names no dataset: set dataset_path')
    return found


def is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def checked(path: str) -> int:
    """Bytes of a dataset file or folder that is there and not empty."""
    if not os.path.exists(path):
        raise JobError(
            f'the dataset {path} is not there: dataset_path must be a file or folder on this host '
            '(names on a hub are not fetched while jobs run: download the dataset beforehand)'
        )
    if os.path.isdir(path):
        return sum(file.stat().st_size for file in Path(path).rglob('*') if file.is_file())
    size = os.path.getsize(path)
    if path.endswith(('.jsonl', '.json', '.jsonl.gz', '.csv', '.tsv', '.txt')) and not has_content(path):
        raise JobError(f'the dataset {path} is empty: it has no sample to work on')
    return size


def has_content(path: str) -> bool:
    """Whether a text file has anything but white space and an empty list in its first megabyte."""
    with gzip.open(path, 'rb') if path.endswith('.gz') else open(path, 'rb') as file:
        start = file.read(1 << 20).split()
    return b''.join(start) not in (b'', b'[]')


def take_paths_as_they_are() -> None:
    """A dataset path with spaces in it is one path, not a list of paths with weights."""
    from data_juicer.core.data import dataset_builder

    parse = dataset_builder.parse_cli_datapath
    dataset_builder.parse_cli_datapath = lambda path: ([path], [1.0]) if os.path.exists(path) else parse(path)
