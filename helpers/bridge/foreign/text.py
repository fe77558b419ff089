"""A foreign query's text as Spark's SQL, and the notes that go with it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import DialectType
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from helpers.bridge.foreign import mysql, oracle, postgres, shared, tsql
from helpers.bridge.foreign.collation import collated
from helpers.bridge.foreign.ordering import told_apart
from helpers.bridge.foreign.postgres.reading import PostgresAsWritten
from helpers.bridge.foreign.reader import Rule, as_in_schema, reader
from helpers.bridge.foreign.tsql.syntax import SqlServer
from helpers.bridge.parse import guarded, only_tree
from helpers.bridge.plain import PlainSpark
from helpers.bridge.refusal import Refusal, refuse

DIALECTS: dict[str, dict[type[exp.Expr], Rule]] = {
    "postgres": postgres.RULES,
    "tsql": tsql.RULES,
    "mysql": mysql.RULES,
    "oracle": oracle.RULES,
}
"""The dialects whose traps are handled one by one."""

_ALLOWED = {"postgres": postgres.ALLOWED, "tsql": tsql.ALLOWED, "mysql": mysql.ALLOWED, "oracle": oracle.ALLOWED}
_READ: dict[str, DialectType] = {"postgres": PostgresAsWritten, "oracle": oracle.READ, "tsql": SqlServer}
"""Readers that keep what sqlglot's own would change."""
_NOTES = {"oracle": oracle.NOTES}
_PREPARED = {"mysql": mysql.prepared}
"""What a dialect does to a whole tree before its rules see the nodes."""


def spark_text(sql: str, dialect: str, schema: Mapping[str, Mapping[str, str]]) -> tuple[str, list[str]]:
    """Spark's SQL of the same meaning, and notes. Raises Refusal for what has none, or is not known to have one."""
    guarded(sql)
    if dialect not in DIALECTS:
        return _unproved(sql, dialect)
    tree = only_tree(sql, _READ.get(dialect, dialect))
    if not isinstance(tree, exp.Query):
        raise Refusal(type(tree).__name__.upper(), "the bridge translates queries", "give it a SELECT")
    if dialect in _PREPARED:
        tree = _PREPARED[dialect](tree)
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
    tree = collated(reading, tree, dialect)
    try:
        text = tree.sql(PlainSpark, unsupported_level=ErrorLevel.RAISE, pretty=True)
    except UnsupportedError as error:
        raise refuse(
            tree, f"This {dialect} query", f"Spark's SQL lacks something of it ({str(error)[:80]})"
        ) from None
    return text, reading.notes


def _unproved(sql: str, dialect: str) -> tuple[str, list[str]]:
    try:
        text = sqlglot.transpile(sql, read=dialect, write=PlainSpark, unsupported_level=ErrorLevel.RAISE)[0]
    except ValueError as error:
        if "dialect" in str(error).lower():
            raise Refusal(
                f"The dialect {dialect!r}", "it is not known", f"use one of: spark, {', '.join(DIALECTS)}"
            ) from None
        raise Refusal("The text", "it cannot be read as SQL") from None
    except (SqlglotError, IndexError, RecursionError):
        raise Refusal("The text", f"it cannot be read as SQL of {dialect}") from None
    return text, [f"The dialect {dialect} is unproved: its traps were not looked at one by one."]
