"""A foreign query's tree as Spark's SQL: the dialect's rules, then Spark's words."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.dialects.dialect import DialectType
from sqlglot.errors import ErrorLevel, UnsupportedError

from helpers.bridge.foreign import mysql, oracle, postgres, shared, tsql
from helpers.bridge.foreign.collation import collated
from helpers.bridge.foreign.mysql.syntax import MySqlAsWritten
from helpers.bridge.foreign.ordering import told_apart
from helpers.bridge.foreign.postgres.reading import PostgresAsWritten
from helpers.bridge.foreign.reader import Rule, as_in_schema, reader
from helpers.bridge.foreign.tsql.syntax import SqlServer
from helpers.bridge.plain import PlainSpark
from helpers.bridge.refusal import refuse

DIALECTS: dict[str, dict[type[exp.Expr], Rule]] = {
    "postgres": postgres.RULES,
    "tsql": tsql.RULES,
    "mysql": mysql.RULES,
    "oracle": oracle.RULES,
}
"""The dialects whose traps are handled one by one."""

READ: dict[str, DialectType] = {
    "postgres": PostgresAsWritten,
    "oracle": oracle.READ,
    "tsql": SqlServer,
    "mysql": MySqlAsWritten,
}
"""Readers that keep what sqlglot's own would change."""

_ALLOWED = {"postgres": postgres.ALLOWED, "tsql": tsql.ALLOWED, "mysql": mysql.ALLOWED, "oracle": oracle.ALLOWED}
_NOTES = {"oracle": oracle.NOTES}
_PREPARED = {"mysql": mysql.prepared}
"""What a dialect does to a whole tree before its rules see the nodes."""


def ruled(tree: exp.Expr, dialect: str, schema: Mapping[str, Mapping[str, str]]) -> tuple[str, list[str]]:
    """Spark's SQL of a query of one of DIALECTS, and notes. Raises Refusal for what has none."""
    if dialect in _PREPARED:
        tree = _PREPARED[dialect](tree)
    shared.not_recursive(tree, said=dialect in ("postgres", "mysql"))
    reading = reader(tree, schema)
    reading.long_sum = "bigint" if dialect == "tsql" else "decimal"
    for text in _NOTES.get(dialect, ()):
        reading.note(text)
    told_apart(reading, tree, dialect)
    rules = DIALECTS[dialect]
    # Children first: a rule sees what its parts have become.
    for node in reversed(list(tree.walk())):
        shared.checked(reading, node, _ALLOWED[dialect], dialect)
        rule = rules.get(type(node)) or shared.RULES.get(type(node))
        made = rule(reading, node) if rule is not None else None
        if made is not None and made is not node:
            if node is tree:
                tree = made
            else:
                node.replace(made)
    as_in_schema(reading, tree)
    return in_spark(collated(reading, tree, dialect), dialect), reading.notes


def in_spark(tree: exp.Expr, dialect: str) -> str:
    """The tree in Spark's words. Raises Refusal for what they lack."""
    try:
        return tree.sql(PlainSpark, unsupported_level=ErrorLevel.RAISE, pretty=True)
    except UnsupportedError as error:
        raise refuse(
            tree, f"This {dialect} query", f"Spark's SQL lacks something of it ({str(error)[:80]})"
        ) from None
