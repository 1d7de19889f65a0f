"""Writes plan/op-catalogue.json: what the installed Data-Juicer's ops and recipes accept, found by introspection.

    python make_catalogue.py [--out ../../plan/op-catalogue.json]

Nothing is run or downloaded: signatures give the arguments, each filter's source gives the stats keys that it writes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ.update(UV_OFFLINE='1', PIP_NO_INDEX='1', HF_HUB_OFFLINE='1')

from catalogue.args import args_of  # noqa: E402
from catalogue.stats import stats_of  # noqa: E402

HERE = Path(__file__).resolve().parent


def recipe_keys() -> list[str]:
    """Top-level keys of a recipe: the parser's flags, with `partition.size` counted as `partition`."""
    from data_juicer.config.config import build_base_parser

    not_recipe = {'help', 'config', 'auto'}
    return sorted({action.dest.split('.')[0] for action in build_base_parser()._actions} - not_recipe)


def catalogue() -> dict:
    """The whole catalogue, in a stable order."""
    from data_juicer.ops import OPERATORS

    ops = {}
    for name, op in sorted(OPERATORS.modules.items()):
        ops[name] = {'args': args_of(op), 'stats': stats_of(op)}
    return {'dataJuicer': version('py-data-juicer'), 'recipeKeys': recipe_keys(), 'ops': ops}


def text_of(data: dict) -> str:
    """JSON with one op a line: small, and a readable diff when Data-Juicer changes."""
    lines = [f'    {json.dumps(name)}: {json.dumps(op, separators=(",", ":"))}' for name, op in data['ops'].items()]
    return (
        f'{{\n  "dataJuicer": {json.dumps(data["dataJuicer"])},\n  "recipeKeys": {json.dumps(data["recipeKeys"])},\n'
        '  "ops": {\n' + ',\n'.join(lines) + '\n  }\n}\n'
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', type=Path, default=HERE.parent.parent / 'plan' / 'op-catalogue.json')
    out = parser.parse_args().out
    out.write_text(text_of(catalogue()), encoding='utf-8')
    print(f'{out}: {out.stat().st_size} bytes')
    return 0


if __name__ == '__main__':
    sys.exit(main())
