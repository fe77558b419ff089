"""What surrounds a query in other databases: variables, temporary tables, blocks, hints, semicolons."""

from __future__ import annotations

from helpers.exercises.words.model import Entry

_PARSE = ("PARSE_SYNTAX_ERROR",)
_PROCEDURES = [(word,) for word in ("EXEC", "EXECUTE", "BEGIN", "DECLARE", "GO", "COMMIT", "PRINT")]

STATEMENTS = (
    Entry(
        "@variables",
        "A query in Spark has no @variables: in a notebook the value is a Python variable, handed over as a "
        "parameter.",
        'spark.sql("SELECT * FROM sites WHERE site_id = :id", {{"id": "rsf"}})',
        _PARSE,
        test=lambda f: f.query.stops_at("@"),
    ),
    Entry(
        "bind variable without a value",
        "The query asks for a parameter, as :id or ?, and no value came with it.",
        'spark.sql("SELECT * FROM sites WHERE site_id = :id", {{"id": "rsf"}})',
        ("UNBOUND_SQL_PARAMETER",),
        oracle="Spark has your bind variables, but the value of one did not come with the query: hand it over as a "
        "second argument.",
        sqlserver="Your @id is :id in Spark, and its value comes as a second argument of spark.sql.",
    ),
    Entry(
        "temporary table",
        "Spark keeps no #temporary tables and has no SELECT INTO: a result is a DataFrame, and a view gives it a "
        "name for SQL.",
        'df.createOrReplaceTempView("t")\n-- in SQL: CREATE TEMPORARY VIEW t AS SELECT ...',
        test=lambda f: (
            f.query.stops_at("#")
            or f.query.has("SELECT", "*", "INTO")
            or (f.error == "ParseException" and f.part.has("CREATE", "TEMPORARY", "TABLE"))
        ),
    ),
    Entry(
        "procedural code",
        "Blocks, DECLARE, EXEC and transactions are not part of a query in Spark: steps and variables are Python's "
        "work, one query at a time.",
        "",
        _PARSE,
        test=lambda f: f.statement.words[:1] in _PROCEDURES,
    ),
    Entry(
        "table hint",
        "Spark has no WITH (NOLOCK): nobody locks anything, for readers see the last finished version of a table.",
        "-- in SQL: SELECT * FROM sites",
        test=lambda f: f.part.has("WITH", "(") or "[NOLOCK]" in f.parameters.get("message", ""),
    ),
    Entry(
        "two statements",
        "One call runs one statement in Spark: what follows the semicolon goes into a call of its own.",
        'spark.sql("SELECT 1")\nspark.sql("SELECT 2")',
        _PARSE,
        test=lambda f: any(f.query.stops_at(";", word) for word in ("SELECT", "WITH", "UPDATE", "INSERT", "DELETE")),
    ),
)
