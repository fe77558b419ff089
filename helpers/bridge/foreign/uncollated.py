"""Texts that no column's collation reaches, constants and computed ones, where they are compared with each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from sqlglot import exp

from helpers.bridge.foreign.reader import WHOLE, Reader, call

_ANY = "*"
_OF_DIGITS = WHOLE | {"decimal", "date"}
_NAMES = re.compile("[MLQ]{3}|[EaGB]")
"""Parts of a pattern for dates that give names, not digits."""

_OTHERWISE_PLACED = set(":;<=>?@[\\]^_`{|}~")
"""Signs that stand before the letters in a collation, and behind some of them by their codes."""


def reached(reading: Reader, node: exp.Expr) -> bool:
    """Whether a collation may reach a text, from a column, a query or one that is given."""
    for one in node.walk():
        if isinstance(one, exp.Query | exp.Star | exp.Collate):
            return True
        if isinstance(one, exp.Anonymous) and str(one.this).lower() in ("collate", "get_json_object"):
            return True
        if isinstance(one, exp.Column) and reading.kind(one) in ("", "string"):
            return True
    return False


def matters(reading: Reader, nodes: list[exp.Expr], dialect: str) -> bool:
    """Whether texts are told apart or ordered in another way by the collation than by their characters."""
    texts: set[str] = set()
    for node in nodes:
        found = _values(reading, node)
        if found is None:
            return True
        texts |= found
    ordered = sorted(texts)
    keys = [_key(one, dialect) for one in ordered]
    strange = any(_OTHERWISE_PLACED & set(one) for one in texts)
    return any(one >= other for one, other in pairwise(keys)) or (strange and len(texts) > 1)


def _key(text: str, dialect: str) -> str:
    if dialect == "mysql":
        return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one)).casefold()
    return text.rstrip(" ").casefold()


def _values(reading: Reader, node: exp.Expr) -> set[str] | None:
    """The texts that a node may have, but for those of digits only; None where they are not told."""
    inner = node.unnest().unalias()
    if isinstance(inner, exp.Literal):
        return {inner.this} if inner.is_string else set()
    if isinstance(inner, exp.Null):
        return set()
    if isinstance(inner, exp.Cast):
        return set() if reading.kind(inner.this) in _OF_DIGITS else None
    if _is_date(inner) and not _NAMES.search(inner.expressions[1].name):
        return set()
    if isinstance(inner, exp.Coalesce):
        return _all(reading, [inner.this, *inner.expressions])
    if isinstance(inner, exp.If):
        return _all(reading, [inner.args["true"], inner.args.get("false")])
    if isinstance(inner, exp.Case):
        return _all(reading, [*(one.args["true"] for one in inner.args["ifs"]), inner.args.get("default")])
    return None


def _is_date(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == "date_format"


def _all(reading: Reader, nodes: list[exp.Expr | None]) -> set[str] | None:
    found = [_values(reading, one) for one in nodes if one is not None]
    known = [one for one in found if one is not None]
    return set().union(*known) if len(known) == len(found) else None


def collate_outputs(reading: Reader, tree: exp.Expr, compared: set[str], dialect: str, collation: str) -> bool:
    """Collates constants and computed texts that queries within the tree select under a name that is compared."""
    literals = [one for one in tree.find_all(exp.Literal) if one.is_string]
    made = False
    for names, items, whole in _outputs(tree):
        for name, item in zip(names, items, strict=False):
            inner = item.unalias()
            asked = whole or _ANY in compared or name.lower() in compared
            if not asked or reading.kind(inner) != "string" or reached(reading, inner):
                continue
            if matters(reading, [inner, *literals], dialect):
                inner.replace(call("collate", inner.copy(), collation))
                made = True
    return made


def _outputs(tree: exp.Expr) -> Iterator[tuple[list[str], list[exp.Expr], bool]]:
    """What each query within the tree gives, under which names, and whether equal rows are one by what it is in."""
    for node in list(tree.find_all(exp.Select, exp.Values)):
        if isinstance(node, exp.Values):
            alias = node.args.get("alias")
            names = [one.name for one in alias.columns] if alias is not None else []
            for row in node.expressions:
                yield names or [_ANY] * 99, list(row.expressions) if isinstance(row, exp.Tuple) else [row], False
            continue
        top, whole = node, False
        while isinstance(top.parent, exp.SetOperation | exp.Subquery) and not _is_source(top):
            top = top.parent
            whole |= isinstance(top, exp.SetOperation) and bool(top.args.get("distinct"))
        if top is not tree or whole:
            first = top.find(exp.Select, bfs=False)
            if isinstance(first, exp.Select) and isinstance(node, exp.Select):
                yield [one.alias_or_name for one in first.selects], node.selects, whole


def _is_source(node: exp.Expr) -> bool:
    return isinstance(node, exp.Subquery) and not isinstance(node.parent, exp.SetOperation)


def collate_keys(reading: Reader, tree: exp.Expr, dialect: str, collation: str) -> bool:
    """Collates constants and computed texts by which a query groups, sorts, or tells rows apart."""
    made = False
    for select in list(tree.find_all(exp.Select)):
        for key in _keys(select):
            if reading.kind(key) != "string" or reached(reading, key) or not matters(reading, [key], dialect):
                continue
            if isinstance(key, exp.Literal) or _is_date(key):
                continue
            text = key.copy()
            for one in [one for one in select.find_all(type(text)) if one == text]:
                one.replace(call("collate", text.copy(), collation))
            made = True
    return made


def _keys(select: exp.Select) -> list[exp.Expr]:
    items = {one.alias.lower(): one.this for one in select.selects if isinstance(one, exp.Alias)}
    group, order = select.args.get("group"), select.args.get("order")
    found = [one.unalias() for one in select.selects] if select.args.get("distinct") is not None else []
    plain = [*(group.expressions if group is not None else []),
             *(one.this for one in (order.expressions if order is not None else []))]  # fmt: skip
    for one in plain:
        if isinstance(one, exp.Literal) and one.is_int and 0 < int(one.this) <= len(select.selects):
            found.append(select.selects[int(one.this) - 1].unalias())
        elif isinstance(one, exp.Column):
            found += [items[one.name.lower()]] if one.name.lower() in items and not one.table else []
        else:
            found.append(one)
    found += [one.this for one in select.find_all(exp.Min, exp.Max) if one.find_ancestor(exp.Select) is select]
    return found
