"""Two copies of the tables that a statement works on: it is run on the one, the code on the other."""

from __future__ import annotations

import ast
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from helpers.bridge.parse import defined, parse
from helpers.bridge.plain import PlainSpark
from helpers.bridge.python import identifier
from helpers.bridge.statements.asked import written_table
from helpers.bridge.translation import Translation

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_NAMING = {"mergeInto", "writeTo", "insertInto", "createTempView", "createOrReplaceTempView", "tableExists"}
"""The methods whose first argument is the table that is written."""


class Copies:
    """The copies of one statement's tables in a session. Use it by `copies`."""

    def __init__(self, translation: Translation, spark: SparkSession, mark: str) -> None:
        self.translation = translation
        self.spark = spark
        self.mark = mark
        self.tree = parse(translation.spark_sql)
        table = written_table(self.tree)
        assert table is not None
        self.short = table.name
        self._view = isinstance(self.tree, exp.Cache) or (
            isinstance(self.tree, exp.Create) and str(self.tree.args["kind"]).upper() == "VIEW"
        )

    def name(self, side: str) -> str:
        """What the statement writes on one side: a table of that side's database, or a view."""
        return f"{self.mark}_{side}_view" if self._view else f"{self.mark}_{side}.{self.short}"

    def fill(self, side: str, frames: Mapping[str, DataFrame]) -> None:
        """Makes the written table what it is before the statement. frames: the tables, by the code's variables."""
        if self.translation.makes:
            self.spark.catalog.dropTempView(self.name(side))
            if not self._view:
                self.spark.sql(f"DROP TABLE IF EXISTS {self.name(side)}")
            return
        frame = next(one for name, one in frames.items() if name.lower() == identifier(self.short).lower())
        frame.writeTo(self.name(side)).using("delta").createOrReplace()

    def by_statement(self, frames: Mapping[str, DataFrame]) -> DataFrame:
        """The table after the statement itself."""
        self.fill("sql", frames)
        for name, frame in frames.items():
            frame.createOrReplaceTempView(f"{self.mark}_{name.lower()}")
        before = [] if self.translation.makes else self.spark.table(self.name("sql")).columns
        if (query := _as_query(self.tree, before)) is not None:
            return self.spark.sql(self._renamed(query))
        self.spark.sql(self._renamed(self.tree))
        return self.spark.table(self.name("sql"))

    def by_code(self, frames: Mapping[str, DataFrame]) -> DataFrame:
        """The table after the code."""
        self.fill("code", frames)
        tree = ast.parse("\n".join((*self.translation.imports, self.translation.code)))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _NAMING:
                first = call.args[0]
                if isinstance(first, ast.Constant) and first.value == self.translation.writes:
                    call.args[0] = ast.copy_location(ast.Constant(self.name("code")), first)
        own = identifier(self.short).lower()
        known = {
            name: self.spark.table(self.name("code")) if name.lower() == own and not self.translation.makes else frame
            for name, frame in frames.items()
        }
        namespace: dict[str, Any] = {"spark": self.spark, **known}
        exec(compile(tree, "<bridge>", "exec"), namespace)  # noqa: S102 - the bridge wrote it, from a tree
        return self.spark.table(self.name("code"))

    def _renamed(self, tree: exp.Expr) -> str:
        """The text with the names of this side's tables, and the views of the others."""
        copy = tree.copy()
        written = None if isinstance(copy, exp.Query) else written_table(copy)
        for table in list(copy.find_all(exp.Table)):
            if not isinstance(table.this, exp.Identifier) or (not table.db and table.name.lower() in defined(table)):
                continue
            name = table.name
            if table is not written and not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
            own = name.lower() == self.short.lower() and (table is written or not self.translation.makes)
            parts = self.name("sql") if own else f"{self.mark}_{identifier(name).lower()}"
            *before, last = parts.split(".")
            table.set("this", exp.to_identifier(last, quoted=True))
            table.set("db", exp.to_identifier(before[0]) if before else None)
            table.set("catalog", None)
        return copy.sql(PlainSpark)


@contextmanager
def copies(translation: Translation, spark: SparkSession) -> Iterator[Copies]:
    """Copies in databases of their own, which are dropped again."""
    mark = f"gridbridge_{uuid.uuid4().hex[:8]}"
    sides = [f"{mark}_sql", f"{mark}_code"]
    found = Copies(translation, spark, mark)
    try:
        for one in sides:
            spark.sql(f"CREATE DATABASE {one}")
        yield found
    finally:
        for one in sides:
            spark.sql(f"DROP DATABASE IF EXISTS {one} CASCADE")
        for side in ("sql", "code"):
            spark.catalog.dropTempView(f"{mark}_{side}_view")
        for name in (*translation.tables, found.short):
            spark.catalog.dropTempView(f"{mark}_{identifier(name).lower()}")


def _as_query(tree: exp.Expr, columns: Sequence[str]) -> exp.Expr | None:
    """What is left by an UPDATE or DELETE with a subquery, which Delta does not take, as a query; None for others."""
    if not isinstance(tree, exp.Update | exp.Delete) or not tree.find(exp.Query):
        return None
    every = exp.Select(expressions=[exp.Star()]).from_(tree.this.copy())
    chosen = every.copy()
    chosen.set("where", tree.args["where"].copy() if tree.args.get("where") is not None else None)
    left = exp.Except(this=every, expression=chosen, distinct=False)
    if isinstance(tree, exp.Delete):
        return left
    sets = {one.this.name.lower(): one.expression for one in tree.expressions}
    changed = chosen.copy()
    changed.set("expressions", [
        exp.Alias(this=exp.Paren(this=sets[one.lower()].copy()), alias=exp.to_identifier(one, quoted=True))
        if one.lower() in sets else exp.column(exp.to_identifier(one, quoted=True), tree.this.alias_or_name)
        for one in columns
    ])  # fmt: skip
    return exp.Union(this=left, expression=changed, distinct=False)
