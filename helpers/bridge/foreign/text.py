"""A foreign text as Spark's SQL, and the notes that go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from helpers.bridge.foreign.ruled import DIALECTS, READ, ruled
from helpers.bridge.foreign.statements import statement_text
from helpers.bridge.parse import guarded, only_tree
from helpers.bridge.plain import PlainSpark
from helpers.bridge.refusal import Refusal
from helpers.bridge.statements.refused import refuse_parts


def spark_text(
    sql: str, dialect: str, schema: Mapping[str, Mapping[str, str]], keys: Mapping[str, Sequence[str]] | None = None
) -> tuple[str, list[str]]:
    """Spark's SQL of the same meaning, and notes. Raises Refusal for what has none, or is not known to have one.

    keys: the one unique key of a table, where the statement does not tell it.
    """
    guarded(sql)
    if dialect not in DIALECTS:
        return _unproved(sql, dialect)
    tree = only_tree(sql, READ.get(dialect, dialect))
    if isinstance(tree, exp.Query) and not tree.args.get("into"):
        refuse_parts(tree)
        return ruled(tree, dialect, schema)
    return statement_text(tree, dialect, schema, keys or {})


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
