"""Long arithmetic that a statement holds more than once gets a variable, as a person would give it one."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

SHORTEST, LONGEST = 40, 400
"""Characters from which on arithmetic is worth a name, and up to which it is looked at."""
_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "total", ast.Sub: "difference", ast.Mult: "product", ast.Div: "ratio",
}  # fmt: skip
_NAMES = {"F", "Decimal", "date", "timedelta"}
_EACH_TIME = {
    "call_function", "monotonically_increasing_id", "rand", "randn", "randstr", "shuffle", "uniform", "uuid",
}  # fmt: skip
"""Functions that may give another value wherever they are written anew."""


@dataclass(frozen=True)
class Place:
    """Where arithmetic stands: bytes from start to end.

    alias: of the column that it is part of, "" = none; whole: whether it is all of it; sign: its last operator.
    """

    start: int
    end: int
    alias: str
    whole: bool
    sign: type[ast.operator]


def named(code: str, tree: ast.Module, unique: Callable[[str], str]) -> str:
    """The code with such arithmetic named.

    code: one statement after the other, each begun on a line of its own; tree: of this very code; unique: gives a
    name that is still free, much like the one wanted.
    """
    data = code.encode()
    starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]
    changes: list[tuple[int, int, bytes]] = []
    for statement in tree.body:
        lines = b""
        for text, places in _repeated(data, _arithmetic(statement, starts)):
            name = unique(_name(places)).encode()
            lines += name + b" = " + text + b"\n"
            changes += [(*_parenthesised(data, one), name) for one in places]
        above = _above(data, starts, statement.lineno - 1)
        changes.append((above, above, lines))
    pieces, at = [], 0
    for start, end, text in sorted(changes):
        pieces += [data[at:start], text]
        at = end
    return b"".join([*pieces, data[at:]]).decode()


def _repeated(data: bytes, places: Iterable[Place]) -> list[tuple[bytes, list[Place]]]:
    """What stands more than once, and where, in the order of the code; of what overlaps that which saves most."""
    found = defaultdict(list)
    for place in places:
        found[data[place.start : place.end]].append(place)
    taken = bytearray(len(data))
    chosen: list[tuple[bytes, list[Place]]] = []
    for text, same in sorted(found.items(), key=lambda one: -len(one[0]) * (len(one[1]) - 1)):
        free = [one for one in same if taken.find(b"x", one.start, one.end) < 0]
        if len(free) > 1:
            chosen.append((text, free))
            for one in free:
                taken[one.start : one.end] = b"x" * len(text)
    return sorted(chosen, key=lambda one: min(place.start for place in one[1]))


def _arithmetic(statement: ast.stmt, starts: list[int]) -> Iterator[Place]:
    stack: list[tuple[ast.AST, str, bool]] = [(statement, "", False)]
    while stack:
        node, alias, whole = stack.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "alias":
            alias = next((str(one.value) for one in node.args if isinstance(one, ast.Constant)), "")
            stack.append((node.func.value, alias, True))
            continue
        if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
            assert node.end_lineno is not None and node.end_col_offset is not None
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            if SHORTEST <= end - start <= LONGEST and _parts(node) > 1 and _same_anywhere(node):
                yield Place(start, end, alias, whole, type(node.op))
        stack.extend((child, alias, False) for child in ast.iter_child_nodes(node))


def _parts(node: ast.expr) -> int:
    """How many operands are no constants."""
    if isinstance(node, ast.BinOp):
        return _parts(node.left) + _parts(node.right)
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return int(node.attr != "lit")
        node = node.func if isinstance(node, ast.Call) else node.value
    return int(not isinstance(node, ast.Constant | ast.Name))


def _same_anywhere(node: ast.expr) -> bool:
    """Whether the expression is of columns and constants only, and means the same wherever it stands."""
    for one in ast.walk(node):
        if isinstance(one, ast.Lambda) or (isinstance(one, ast.Name) and one.id not in _NAMES):
            return False
        if isinstance(one, ast.Attribute) and one.attr in _EACH_TIME:
            return False
    return True


def _parenthesised(data: bytes, place: Place) -> tuple[int, int]:
    """The place with the parentheses around it, if they are no call's."""
    around = data[max(place.start - 2, 0) : place.start], data[place.end : place.end + 1]
    if re.fullmatch(rb"[^\w)\]]?\(", around[0]) and around[1] == b")":
        return place.start - 1, place.end + 1
    return place.start, place.end


def _above(data: bytes, starts: list[int], line: int) -> int:
    """Where a line begins, or the comments above it."""
    while line and data.startswith(b"#", starts[line - 1]):
        line -= 1
    return starts[line]


def _name(places: Sequence[Place]) -> str:
    """The name of the column that it is; else how the names end of those that it is part of; else its kind."""
    if whole := next((one.alias for one in places if one.whole and one.alias.isidentifier()), ""):
        return whole
    aliases = [one.alias for one in places]
    words = [re.findall(r"[^\W\d_]+", alias.lower()) for alias in aliases if alias]
    common: list[str] = []
    for ends in zip(*(reversed(one) for one in words), strict=False):
        if len(set(ends)) > 1:
            break
        common.insert(0, ends[0])
    if len(set(aliases)) == 1:
        common = common[-1:]
    return "_".join(common) or _SIGNS[places[0].sign]
