"""Other dialects' statements that change tables, as Spark's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from helpers.bridge.foreign.statements.canonical import canonical
from helpers.bridge.foreign.statements.carrier import carried
from helpers.bridge.statements.known import Known

__all__ = ["statement_text"]


def statement_text(
    tree: exp.Expr, dialect: str, schema: Mapping[str, Mapping[str, str]], keys: Mapping[str, Sequence[str]]
) -> tuple[str, list[str]]:
    """Spark's SQL of a foreign statement, and notes. Raises Refusal for what has none."""
    known = Known(schema, keys)
    notes: list[str] = []
    made = canonical(tree, dialect, known, notes)
    text, more = carried(made, dialect, known)
    return text, [*notes, *(one for one in more if one not in notes)]
