"""Statements run on Delta tables of a session: what the code leaves in the table."""

from __future__ import annotations

from typing import Any

from helpers.bridge import Refusal, translate
from tests.bridge.statements import Statement, Statements


class Tables:
    """The tables of one dialect's statements in a session, as they are before each statement."""

    def __init__(self, session: Any, found: Statements) -> None:
        self.session = session
        self.found = found
        self._rows = {
            one.name: session.createDataFrame(list(one.rows), ", ".join(f"{n} {k}" for n, k in one.spark.items()))
            for one in found.tables
        }
        self._changed = set(self._rows)

    def frames(self, written: str) -> dict[str, Any]:
        """The tables by name; the one that is written is a Delta table, as it was at first."""
        if written in self._changed:
            self._rows[written].coalesce(1).writeTo(written).using("delta").createOrReplace()
        self._changed.discard(written)
        return {name: self.session.table(written) if name == written else one for name, one in self._rows.items()}

    def outcome(self, one: Statement) -> str:
        """right, refused, error, or how the table differs."""
        try:
            # PostgreSQL's statements name their key.
            made = translate(
                one.sql, one.dialect, self.found.schema, None if one.dialect == "postgres" else self.found.keys
            )
        except Refusal:
            return "right" if one.refuse is not None else "refused"
        if one.rows is None:
            return f"{one.id}: to be refused, for {one.refuse}."
        frames = self.frames(one.table) if one.table in self._rows else dict(self._rows)
        self._changed.add(made.writes)
        if one.table not in self._rows:
            self.session.catalog.dropTempView(one.table)
            self.session.sql(f"DROP TABLE IF EXISTS {one.table}")
        try:
            exec("\n".join(made.imports) + "\n" + made.code, {"spark": self.session, **frames})
            found = self.session.table(one.table)
            names, rows = found.columns, [tuple(row) for row in found.collect()]
        except Exception as error:
            # Whatever Spark or the code raises is seen by who runs it.
            return f"error: {one.id}: {type(error).__name__} {str(error)[:300]}"
        return one.difference(names, rows) or "right"
