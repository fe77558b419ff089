"""What another tool makes of SQL; runs in that tool's own environment: `python -P FILE TOOL`.

Standard input, JSON: {"schema": table -> column -> Spark's type, "queries": name -> SQL of Spark}. Standard output:
name -> {"code": text, or null where the tool raised, "error": its first line, "seconds": of the processor}.
ibis gives SQL, for it has no code to show of a query that it read; databathing gives PySpark.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Schema = dict[str, dict[str, str]]
Translator = Callable[[str], str]

_IBIS = {"int": "int32", "bigint": "int64"}


def ibis(schema: Schema) -> Translator:
    """SQL through ibis's expressions, and back to SQL of Spark."""
    import ibis as tool  # type: ignore[import-not-found]
    from ibis.backends.sql.compilers.pyspark import PySparkCompiler  # type: ignore[import-not-found]

    known = {
        name: tool.schema({column: _IBIS.get(kind, kind) for column, kind in columns.items()})
        for name, columns in schema.items()
    }
    compiler = PySparkCompiler()

    def translated(sql: str) -> str:
        return str(compiler.to_sqlglot(tool.parse_sql(sql, known, dialect="spark")).sql("spark"))

    return translated


def databathing(schema: Schema) -> Translator:
    """SQL to PySpark's methods; it asks for no schema."""
    from databathing import Pipeline  # type: ignore[import-not-found]

    return lambda sql: str(Pipeline(sql).parse())


TOOLS: dict[str, Callable[[Schema], Translator]] = {"ibis": ibis, "databathing": databathing}


def main(tool: str) -> None:
    """Translate what stands in standard input."""
    given = json.load(sys.stdin)
    translated = TOOLS[tool](given["schema"])
    print(json.dumps({name: timed(translated, sql) for name, sql in given["queries"].items()}))


def timed(translated: Translator, sql: str) -> dict[str, Any]:
    """One query's code or error, and the processor seconds it took."""
    started = time.process_time()
    try:
        code, error = translated(sql), ""
    except Exception as raised:
        code, error = None, f"{type(raised).__name__}: {raised}".splitlines()[0]
    return {"code": code, "error": error, "seconds": time.process_time() - started}


if __name__ == "__main__":
    main(sys.argv[1])
