"""Stats keys that a filter writes, read from its source: no data, model or network is needed."""

from __future__ import annotations

import ast
import inspect
import textwrap


def stats_of(op: type) -> list[str]:
    """Keys in the order in which the op's source names them; empty for ops that compute no stats.

    Methods are the op's own or inherited; one that only reads stats in order to filter (`process…`) does not count.
    """
    from data_juicer.ops.base_op import Filter

    if not issubclass(op, Filter):
        return []
    members: dict[str, ast.stmt] = {}
    for owner in inspect.getmro(op):
        if owner is Filter:
            break
        body = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0].body
        for statement in body:
            members.setdefault(getattr(statement, 'name', ast.unparse(statement)), statement)
    kept = [member for name, member in members.items() if not name.startswith('process')]
    kept.sort(key=lambda member: not getattr(member, 'name', '').startswith('compute_stats'))
    keys = [key for member in kept for key in keys_in(member)]
    return list(dict.fromkeys(keys))


def keys_in(node: ast.AST) -> list[str]:
    """Values of `StatsKeys.<name>` under a node, in source order."""
    from data_juicer.utils.constant import StatsKeysConstant

    found = [
        (part.lineno, part.col_offset, getattr(StatsKeysConstant, part.attr))
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == 'StatsKeys'
    ]
    return [key for _line, _column, key in sorted(found)]
