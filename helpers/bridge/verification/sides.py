"""The two sides of a translation, run on the same tables: the query by Spark's SQL, and the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from helpers.bridge.parse import deep, defined, parse
from helpers.bridge.python import identifier
from helpers.bridge.translation import Translation
from helpers.spark.frames import escaped

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Frames = Mapping[str, "DataFrame"]
"""Tables by the code's variables."""
_BEFORE_ALIAS = ("sample", "pivots", "version", "when")
"""What may stand between a table and its alias."""
_TABLE = re.compile(r"\bTABLE\s+$", re.IGNORECASE)
"""TABLE t is a query, in which only a name may stand."""


class Sides:
    """The query and the code of one translation in one session."""

    def __init__(self, translation: Translation, spark: SparkSession) -> None:
        """Raises Refusal where the query's text cannot be read."""
        self.translation = translation
        self.spark = spark
        self.tree = parse(translation.spark_sql)
        self.variables = {name.lower(): name for name in translation.tables}
        self.names: dict[str, str] = {}
        """The query's own name of the table that a variable holds."""
        self._marked = self._with_marks(translation.spark_sql)
        self._text = self._unqualified(translation.spark_sql)
        source = "\n".join((*translation.imports, translation.code))
        self._code = compile(source, "<bridge>", "exec")

    def query(self, given: Frames, sql: str | None = None) -> DataFrame:
        """What the query (or another one over the same tables) gives on these tables. Raises Spark's own errors."""
        text = self._text if sql is None else sql
        if not given:
            return self.spark.sql(text)
        if sql is None and self._marked and all(name in given for name in self.translation.tables):
            marks = {f"t{at}": given[name] for at, name in enumerate(self.translation.tables)}
            return self.spark.sql(self._marked, **marks)  # type: ignore[arg-type]
        views = ", ".join(
            f"{escaped(_quoted(self.names[name]))} AS (SELECT * FROM {{t{at}}})" for at, name in enumerate(given)
        )
        # In parentheses, a CTE of the query may bear the name of the table that it reads.
        asked = f"WITH {views} ({escaped(text)}\n)"
        return self.spark.sql(asked, **{f"t{at}": frame for at, frame in enumerate(given.values())})  # type: ignore[arg-type]

    def code(self, given: Frames) -> DataFrame:
        """What the code gives on these tables: it sees them and the session, and nothing else. Raises its errors."""
        namespace: dict[str, Any] = {"spark": self.spark, **given}
        exec(self._code, namespace)  # noqa: S102 - the bridge wrote it, from a tree
        return namespace["result"]

    def chosen(self, tables: Frames) -> dict[str, DataFrame]:
        """Those of the given tables that the code reads, by its variables; names match whatever their case."""
        known = {identifier(name).lower(): frame for name, frame in tables.items()}
        return {name: known[name.lower()] for name in self.translation.tables if name.lower() in known}

    def _with_marks(self, sql: str) -> str:
        """The query with a mark for each table that it reads; "" where not all of their places can be told.

        So Spark reads each as it would read the table itself: defined by WITH, its columns are numbered otherwise.
        """
        marks: dict[int, tuple[int, str]] = {}
        with deep():
            for table in self.tree.find_all(exp.Table):
                variable = self.variables.get(identifier(table.name).lower())
                if (
                    variable is None
                    or not isinstance(table.this, exp.Identifier)
                    or table.name.lower() in defined(table)
                ):
                    continue
                first = table.args.get("catalog") or table.args.get("db") or table.this
                start, end = first.meta.get("start"), table.this.meta.get("end")
                if start is None or end is None or any(table.args.get(key) for key in _BEFORE_ALIAS):
                    return ""
                if _TABLE.search(sql[:start]):
                    return ""
                mark = f"{{t{self.translation.tables.index(variable)}}}"
                alias = "" if table.alias else f" AS {escaped(_quoted(table.name))}"
                marks[start] = end + 1, mark + alias
        pieces, at = [], 0
        for start, (end, mark) in sorted(marks.items()):
            pieces += [escaped(sql[at:start]), mark]
            at = end
        return "".join([*pieces, escaped(sql[at:])])

    def _unqualified(self, sql: str) -> str:
        """The query with `schema.table` as `table`: both sides read the tables that they are given."""
        cuts: list[tuple[int, int]] = []
        with deep():
            found = [one for one in self.tree.find_all(exp.Table) if isinstance(one.this, exp.Identifier)]
        for table in found:
            variable = self.variables.get(identifier(table.name).lower())
            if variable is None:
                continue
            self.names.setdefault(variable, table.name)
            first = table.args.get("catalog") or table.args.get("db")
            if first is not None and "start" in first.meta and "start" in table.this.meta:
                cuts.append((int(first.meta["start"]), int(table.this.meta["start"])))
            table.set("db", None)
            table.set("catalog", None)
        for start, end in sorted(cuts, reverse=True):
            sql = sql[:start] + sql[end:]
        for name in self.translation.tables:
            self.names.setdefault(name, name)
        return sql


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
