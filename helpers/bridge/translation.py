"""SQL in, DataFrame code out: the stages in their order."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge import aggregates, bits, calls, dates, lambdas, members, operators, subqueries, windows
from helpers.bridge.comments import above, lost
from helpers.bridge.foreign import spark_text
from helpers.bridge.known import checked
from helpers.bridge.layout import laid_out
from helpers.bridge.parse import deep, defined, parse
from helpers.bridge.program import Frame, Program
from helpers.bridge.query import query
from helpers.bridge.refusal import Refusal
from helpers.bridge.repeated import named
from helpers.bridge.scope import Field
from helpers.bridge.sources import Place
from helpers.bridge.statements import statement

WRITERS = (aggregates, bits, calls, dates, lambdas, members, operators, subqueries, windows)
"""The modules that enter their nodes into the table of writers."""

FUNCTIONS = "from pyspark.sql import functions as F"
_OWN = ("spark", "databricks")
UNTOLD = (
    "What your database means otherwise than Spark is put in where the bridge knows it. What it does not know it "
    "cannot tell: compare the rows of what matters."
)
"""Of every dialect but Spark's own."""


@dataclass(frozen=True)
class Translation:
    """A query or a statement, and the code that means the same.

    spark_sql: the same as Spark's SQL; imports: the lines that the code needs; code: reads the tables as variables
    (and `spark`, the session, where it makes rows of nothing) and leaves the answer in `result`;
    tables: the variables it expects; notes: what a user of another dialect should know; writes: the name of the
    table or view that the statement changes or makes, in the catalogue; "" for a query; makes: whether it makes it.
    A statement leaves nothing in `result`.
    """

    sql: str
    dialect: str
    spark_sql: str
    imports: tuple[str, ...]
    code: str
    tables: tuple[str, ...]
    notes: tuple[str, ...]
    writes: str = ""
    makes: bool = False


def translate(
    sql: str,
    dialect: str = "spark",
    schema: Mapping[str, Mapping[str, str]] | None = None,
    keys: Mapping[str, Sequence[str]] | None = None,
) -> Translation:
    """The DataFrame code of a query, or of a statement that changes a table.

    dialect: of the text, as sqlglot names it; schema: table → column → Spark's type; with it names are resolved for
    sure and `*` is known; keys: table → the columns of its one unique key, for statements that mind it without
    saying it. Needs no Spark. Raises Refusal for what is not translated, and says why.
    """
    text, notes = (sql, []) if dialect in _OWN else spark_text(sql, dialect, schema or {}, keys)
    tree = parse(text)
    checked(tree)
    program = Program(
        {
            name.lower(): tuple(Field(column, kind.lower()) for column, kind in columns.items())
            for name, columns in (schema or {}).items()
        }
    )
    program.reserve(_read(tree))
    place = Place(program, None, {})
    with deep():
        if isinstance(tree, exp.Query | exp.Values):
            frame = query(place, tree)
            _told(program, frame)
            program.statements.append(f"result = (\n{frame.text}\n)")
        elif dialect in _OWN:
            statement(place, tree)
        else:
            _without_place(place, tree)
    written = program.finished()
    written = named(written, _parsed(written), program.unique)
    code = laid_out(above(written, lost(text, written)).lstrip("\n"))
    return Translation(
        sql=sql,
        dialect=dialect,
        spark_sql=text.strip().rstrip(";"),
        imports=_imports(code, program.imports),
        code=code,
        tables=tuple(program.tables.values()),
        notes=(*notes, *program.notes, *(() if dialect in _OWN else (UNTOLD,))),
        writes=program.written,
        makes=isinstance(tree, exp.Create | exp.Cache),
    )


def _told(program: Program, frame: Frame) -> None:
    """Raises Refusal where the answer would have a column that Spark names in a way that is not known here."""
    unknown = [one.name for one in frame.fields or () if one.name in program.guessed]
    if unknown:
        raise Refusal("A column without a name", "Spark's own name of the expression is not known",
                      "name it: ... AS name")  # fmt: skip


def _parsed(code: str) -> ast.Module:
    """The code's tree. Raises Refusal for what is too deep for Python: some 200 parentheses in each other."""
    try:
        return ast.parse(code)
    except (SyntaxError, RecursionError, MemoryError):
        raise Refusal("The query", "its code is too deep for Python", "name its parts in WITH") from None


def _without_place(place: Place, tree: exp.Expr) -> None:
    """Writes a foreign statement. Raises Refusal without a place: the tree's are not those of the user's text."""
    try:
        statement(place, tree)
    except Refusal as refusal:
        raise Refusal(refusal.construct, refusal.reason, refusal.way_out) from None


def _read(tree: exp.Expr) -> list[str]:
    """The names of the tables that a query reads, less those that WITH defines before they are read."""
    names = []
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            continue
        if table.name.lower() not in defined(table):
            names.append(table.name)
    return names


def _imports(code: str, wanted: set[str]) -> tuple[str, ...]:
    """The import lines whose names the code uses, sorted; names of one module in one line."""
    lines = ["from pyspark.sql import Window"] if "Window." in code else []
    lines += [FUNCTIONS] if "F." in code else []
    dates = sorted(
        line.rsplit(" ", 1)[1] for line in wanted if "datetime" in line and f"{line.rsplit(' ', 1)[1]}(" in code
    )
    before = [f"from datetime import {', '.join(dates)}"] if dates else []
    return (*before, *(["from decimal import Decimal"] if "Decimal(" in code else []), *lines)
