"""Arguments of an op: name → types, whether required, and the limits that its annotation sets."""

from __future__ import annotations

import collections.abc
import inspect
import re
import types
import typing

NAMES = {int: 'int', float: 'float', str: 'str', bool: 'bool', list: 'list', tuple: 'list', dict: 'dict', type(None): 'null'}
BOUNDS = ('gt', 'ge', 'lt', 'le')


def resolve(annotation: object, scope: dict) -> object:
    """The object behind an annotation, which is a string where a module postpones annotations."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, scope)  # noqa: S307 - the text is Data-Juicer's own source
    except Exception:
        return None


def types_of(annotation: object) -> list[str]:
    """Words for the values that an annotation accepts; `any` where it does not say."""
    origin = typing.get_origin(annotation)
    if annotation is None or annotation is inspect.Parameter.empty:
        return ['any']
    if origin is typing.Annotated:
        return types_of(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        found = [word for part in typing.get_args(annotation) for word in types_of(part if part is not None else type(None))]
        return list(dict.fromkeys(found))
    if origin is typing.Literal:
        return list(dict.fromkeys(NAMES.get(type(value), 'any') for value in typing.get_args(annotation)))
    kind = origin or annotation
    if not isinstance(kind, type):
        return ['any']
    for known, word in NAMES.items():
        if kind is known:
            return [word]
    for known in (bool, int, float, str, dict, list):
        if issubclass(kind, known):
            return [NAMES[known]]
    return ['list'] if issubclass(kind, collections.abc.Sequence) else ['any']


def limits_of(annotation: object) -> dict[str, float]:
    """`gt`, `ge`, `lt`, `le` of constrained numbers such as pydantic's PositiveInt; the value outside is refused when the recipe is read."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(annotation) if part is not type(None)]
        return limits_of(parts[0]) if len(parts) == 1 else {}
    limits = {}
    for note in getattr(annotation, '__metadata__', ()):
        for constraint in (note, *getattr(note, 'metadata', ())):
            limits.update({b: getattr(constraint, b) for b in BOUNDS if getattr(constraint, b, None) is not None})
    # jsonargparse's restricted numbers hold (operator.ge, number).
    for operator, number in getattr(annotation, '_restrictions', ()):
        limits[operator.__name__] = number
    return limits


def format_of(op: type, arg: str) -> str | None:
    """How a text argument holds a number: `bytes` (a whole number with an optional unit) or `fraction` (`9/21`, `0.43`)."""
    source = inspect.getsource(op)
    name = re.escape(arg)
    if re.search(rf'size_to_bytes\((self\.)?{name}\)', source):
        return 'bytes'
    return 'fraction' if re.search(rf'Fraction\(str\({name}\)', source) else None


def args_of(op: type) -> dict[str, dict]:
    """Every argument that Data-Juicer's own preflight accepts for the op, nearest class first."""
    found: dict[str, dict] = {}
    for owner in inspect.getmro(op):
        if owner is object:
            continue
        for name, (kind, _default) in owner.__dict__.get('_BASE_PARAMS', {}).items():
            found.setdefault(name, {'types': types_of(kind), 'required': False})
        if '__init__' not in owner.__dict__:
            continue
        for name, parameter in inspect.signature(owner.__init__).parameters.items():
            if name == 'self' or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            annotation = resolve(parameter.annotation, vars(inspect.getmodule(owner)))
            required = owner is op and parameter.default is parameter.empty
            entry = {'types': types_of(annotation), 'required': required, **limits_of(annotation)}
            if entry['types'] == ['str'] and (text := format_of(owner, name)):
                entry['format'] = text
            found.setdefault(name, entry)
    return dict(sorted(found.items()))
