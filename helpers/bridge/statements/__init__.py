"""Statements that change tables: INSERT, MERGE, UPDATE, DELETE, TRUNCATE, CREATE ... AS, as writers of DataFrames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from helpers.bridge.comments import lines
from helpers.bridge.query import parts_of_with
from helpers.bridge.refusal import refuse
from helpers.bridge.sources import Place
from helpers.bridge.statements import changes
from helpers.bridge.statements.creating import cache, create
from helpers.bridge.statements.inserting import insert
from helpers.bridge.statements.merging import changed, merge
from helpers.bridge.statements.refused import refusal_of, refuse_parts
from helpers.bridge.statements.target import target


def statement(place: Place, node: exp.Expr) -> None:
    """Writes the code of a statement into the program. Raises Refusal for what has none."""
    refuse_parts(node)
    writer = _WRITERS.get(type(node))
    if writer is None:
        raise refusal_of(node)
    writer(parts_of_with(place, node), node)


def _update(place: Place, node: exp.Expr) -> None:
    assert isinstance(node, exp.Update)
    if node.args.get("from_") or node.this.args.get("joins"):
        raise refuse(node, "UPDATE of a join", "Spark's UPDATE has one table", "write MERGE INTO")
    _change(place, node, changes.of_update(node, _known(place)))


def _delete(place: Place, node: exp.Expr) -> None:
    assert isinstance(node, exp.Delete)
    if node.args.get("using") or node.args.get("tables") or node.this.args.get("joins"):
        raise refuse(node, "DELETE of a join", "Spark's DELETE has one table", "write MERGE INTO")
    _change(place, node, changes.of_delete(node, _known(place)))


def _change(place: Place, node: exp.Expr, change: changes.Change) -> None:
    if change.plain:
        sets = list(node.expressions) if isinstance(node, exp.Update) else None
        changed(place, target(place.program, node.this), change.where, sets, lines(node))
    else:
        made = change.merged()
        made.comments = node.comments
        merge(place, made)


def _truncate(place: Place, node: exp.Expr) -> None:
    if len(node.expressions) != 1 or any(node.args.get(key) for key in ("is_database", "identity", "partition")):
        raise refuse(node, "TRUNCATE of more than a table's rows", "a merge changes one table",
                     "truncate each table by itself")  # fmt: skip
    changed(place, target(place.program, node.expressions[0]), None, None, lines(node))


def _known(place: Place) -> dict[str, dict[str, str]]:
    return {name: {one.name: one.type for one in fields} for name, fields in place.program.schema.items()}


_WRITERS: dict[type[exp.Expr], Callable[[Place, Any], None]] = {
    exp.Insert: insert, exp.Merge: merge, exp.Update: _update, exp.Delete: _delete, exp.TruncateTable: _truncate,
    exp.Create: create, exp.Cache: cache,
}  # fmt: skip
