"""Names that Spark cannot find, or finds twice: columns, tables, joins."""

from __future__ import annotations

import re

from helpers.exercises.words.facts import Facts
from helpers.exercises.words.model import Entry

_COLUMN = ("UNRESOLVED_COLUMN", "CANNOT_RESOLVE_DATAFRAME_COLUMN")
_PANDAS = ("loc", "iloc", "shape", "index", "values", "T", "empty", "size")
_SQL = re.compile(r".* (as|asc|desc|like|is|in|and|or) .*|.* (asc|desc)|.*[(*+<>=].*", re.IGNORECASE)


def _name(facts: Facts) -> str:
    return facts.parameters.get("objectName", "") if facts.about("UNRESOLVED_COLUMN") else ""


NAMES = (
    Entry(
        "rownum",
        "Spark numbers no rows: for some rows take limit, for the first ones in an order number them by "
        "row_number().",
        "df.limit(5)\n"
        'df.withColumn("n", F.row_number().over(Window.orderBy("name"))).where("n <= 5")\n'
        "-- in SQL: ... ORDER BY name LIMIT 5",
        test=lambda f: f.routine == "rownum",
        oracle="Spark has no ROWNUM. WHERE ROWNUM <= 5 is LIMIT 5 there, and it comes after ORDER BY, so no "
        "subquery is needed.",
    ),
    Entry(
        "rowid",
        "Rows have no address in Spark, for a table is a set of files: identify a row by its key.",
        "",
        test=lambda f: f.routine in ("rowid", "ctid"),
    ),
    Entry(
        "dual",
        "Spark needs no table to compute one row: leave FROM out.",
        "SELECT current_date()",
        ("TABLE_OR_VIEW_NOT_FOUND",),
        given={"relationName": ("dual", "sys.dual")},
        oracle="Spark has no DUAL and needs none: a SELECT without FROM gives one row.",
    ),
    Entry(
        "recursive query",
        "A WITH that reads itself says so in Spark: WITH RECURSIVE.",
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT * FROM t",
        ("TABLE_OR_VIEW_NOT_FOUND",),
        test=lambda f: any(
            f.statement.has(word, f.parameters.get("relationName", "").upper(), "AS", "(") for word in ("WITH", ",")
        ),
        oracle="In Oracle a WITH may read itself as it is; Spark wants to be told: WITH RECURSIVE.",
        sqlserver="In SQL Server a WITH may read itself as it is; Spark wants to be told: WITH RECURSIVE.",
    ),
    Entry(
        "schema before the table",
        "There is no table {relationName}: the lessons' tables are views without a schema, so leave out what stands "
        "before the dot.",
        "SELECT name FROM sites",
        ("TABLE_OR_VIEW_NOT_FOUND",),
        test=lambda f: "." in f.parameters.get("relationName", ""),
        sqlserver="There is no table {relationName}: Spark has no dbo. The lessons' tables are views without a "
        "schema, so leave out what stands before the dot.",
    ),
    Entry(
        "table not found",
        "There is no table {relationName}: it is misspelt, or a DataFrame that has not been given a name for SQL.",
        'df.createOrReplaceTempView("sites")',
        ("TABLE_OR_VIEW_NOT_FOUND",),
    ),
    Entry(
        "alias in where",
        "{objectName} is a name that SELECT gives, and WHERE runs before SELECT: repeat the expression, or filter "
        "in a second step.",
        'df.withColumn("twice", F.col("x") * 2).where("twice > 5")\n'
        "-- in SQL: SELECT * FROM (SELECT ...) WHERE twice > 5",
        ("UNRESOLVED_COLUMN",),
        test=lambda f: f.statement.has("AS", _name(f).upper()),
        mysql="{objectName} is a name that SELECT gives, and WHERE runs before SELECT. As in MySQL, only GROUP BY, "
        "HAVING and ORDER BY see it.",
    ),
    Entry(
        "pandas attribute",
        "{name} is pandas: a Spark DataFrame has no positions and no index, for its rows are in no order.",
        'df.where(F.col("kind") == "wind").select("name")',
        ("CANNOT_RESOLVE_DATAFRAME_COLUMN",),
        test=lambda f: f.parameters.get("name") in _PANDAS,
    ),
    Entry(
        "several columns in one text",
        "A text in select or groupBy is the name of one column, and {objectName} is taken for one: give each name "
        "its own quotes.",
        'df.select("name", "kind")',
        _COLUMN,
        test=lambda f: "," in _name(f) and not f.part.text and "(" not in _name(f),
    ),
    Entry(
        "SQL where a name belongs",
        "A text in select or orderBy is the name of a column, and {objectName} is taken for one: SQL text goes into "
        "selectExpr or F.expr.",
        'df.selectExpr("upper(name) AS n").orderBy(F.desc("n"))',
        _COLUMN,
        test=lambda f: bool(_SQL.fullmatch(_name(f))) and not f.part.text,
    ),
    Entry(
        "text taken for a column",
        "A text as an argument of a function of F is the name of a column, and there is no column {objectName}: a "
        "value goes into F.lit.",
        'F.coalesce("name", F.lit("none"))',
        _COLUMN,
        test=lambda f: bool(_name(f)) and not f.part.text and not _name(f).replace(".", "_").isidentifier(),
    ),
    Entry(
        "column not found",
        "There is no column {objectName} at this step. Near it are: {proposal}. If a text is meant, it goes into "
        "single quotes in SQL, and into F.lit in Python.",
        "",
        ("UNRESOLVED_COLUMN",),
        test=lambda f: "proposal" in f.parameters,
    ),
    Entry(
        "column of nothing",
        "There is no column {objectName}: this query reads no table. If it is meant as a text, it goes into single "
        "quotes.",
        "SELECT 'a text' AS a",
        ("UNRESOLVED_COLUMN",),
    ),
    Entry(
        "field of a record",
        "The record has no field {fieldName}. It has: {fields}.",
        "",
        ("FIELD_NOT_FOUND",),
    ),
    Entry(
        "no such file",
        "Nothing lies at {path}: check the path, and the scheme before it (s3a:// for a bucket).",
        "",
        ("PATH_NOT_FOUND",),
    ),
)
