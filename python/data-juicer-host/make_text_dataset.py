"""Makes the text example's dataset: docstrings of Python's own standard library, some of them degraded.

    python make_text_dataset.py --out text.jsonl [--lines 500] [--seed 42]

One JSON object a line: `text`, `source` (file in the standard library) and `kind` (`clean`, or how it was degraded). The same
interpreter and arguments give the same bytes; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

DEGRADED_SHARE = 0.24
LENGTHS = (80, 2000)


def docstrings(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, docstring) of every documented module, class and function, files in order of name."""
    skipped = {'site-packages', 'dist-packages', 'test', 'tests', 'idlelib', 'lib2to3'}
    for file in sorted(folder.rglob('*.py')):
        name = file.relative_to(folder).as_posix()
        if skipped & set(name.split('/')):
            continue
        try:
            tree = ast.parse(file.read_text(encoding='utf-8'))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                text = ast.get_docstring(node)
                if text:
                    yield name, text


def repeated(text: str, rng: random.Random) -> str:
    """The same few words again and again."""
    words = text.split()[:6]
    return ' '.join(words * rng.randint(30, 60))


def symbols(text: str, rng: random.Random) -> str:
    """Symbols strewn into the text, as a broken conversion leaves them."""
    return ''.join(letter + (rng.choice('#@%&*~|<>=+^') * rng.randint(1, 3) if rng.random() < 0.5 else '') for letter in text)


def short(text: str, rng: random.Random) -> str:
    """Cut off after a few letters."""
    return text[: rng.randint(2, 12)]


def long_line(text: str, rng: random.Random) -> str:
    """One endless line."""
    return ' '.join(text.split()) * rng.randint(20, 40)


DEGRADATIONS = {'repeated': repeated, 'symbols': symbols, 'short': short, 'long-line': long_line}


def samples(lines: int, seed: int) -> list[dict[str, str]]:
    """`lines` samples in a seeded order; about a quarter degraded, each way equally often."""
    rng = random.Random(seed)
    low, high = LENGTHS
    stdlib = Path(sysconfig.get_paths()['stdlib'])
    pool = list(dict.fromkeys(item for item in docstrings(stdlib) if low <= len(item[1]) <= high))
    if len(pool) < lines:
        raise SystemExit(f'{stdlib} has only {len(pool)} docstrings of {low} to {high} letters; {lines} lines were asked for')
    made = []
    for n, (source, text) in enumerate(rng.sample(pool, lines)):
        kind = rng.choice(list(DEGRADATIONS)) if rng.random() < DEGRADED_SHARE else 'clean'
        text = text if kind == 'clean' else DEGRADATIONS[kind](text, rng)
        made.append({'id': f'text-{n + 1:04d}', 'text': text, 'source': source, 'kind': kind})
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--lines', type=int, default=500)
    parser.add_argument('--seed', type=int, default=42)
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    partial = args.out.with_name(args.out.name + '.partial')
    with partial.open('w', encoding='utf-8') as file:
        for sample in samples(args.lines, args.seed):
            file.write(json.dumps(sample, ensure_ascii=False) + '\n')
    os.replace(partial, args.out)
    print(f'{args.out}: {args.lines} lines')
    return 0


if __name__ == '__main__':
    sys.exit(main())
