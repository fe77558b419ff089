"""SQL in a cell: `%%sql` on Spark, `%%sql postgres` on PostgreSQL."""

from __future__ import annotations

from difflib import get_close_matches

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.desk.card import Card
from helpers.desk.playground.guard import guarded, reads
from helpers.desk.playground.naming import known, writable
from helpers.desk.playground.postgres import statement
from helpers.desk.playground.spark_rows import Answer, answer

MAGIC = "sql"
_ENGINES = ("spark", "postgres")
_OTHERS = ("mysql", "oracle", "tsql", "sqlserver", "postgresql", "sqlite", "duckdb", "trino")


def sql(text: str, on: str = "spark") -> Card:
    """What an engine answers to SQL, a page at a time. on: "spark", or "postgres" for PEAK's own database.

    On Spark nothing but the page is computed where the query allows it; `.frame` goes on with the DataFrame. Raises
    UserError for another engine's name, or where PostgreSQL refuses the statement; Spark's own errors as they are.
    """
    if known("engine", on, _ENGINES, 'sql("SELECT ...", on="spark")') == "postgres":
        return statement(text)
    if settings().read_only and not reads(text):
        writable("run what is no query")
    return answer("Spark", guarded().sql(text))


def register() -> None:
    """Makes the cell magic `%%sql` known, where a notebook runs: `%%sql [spark | postgres] [name]`.

    With a name the answer is left in the notebook under it: Spark's as a DataFrame, PostgreSQL's as its card.
    """
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.register_magic_function(_cell, "cell", MAGIC)  # type: ignore[arg-type]


def _cell(line: str, cell: str) -> Card:
    from IPython.core.getipython import get_ipython

    engine, name = _words(line)
    answer = sql(cell, engine)
    shell = get_ipython()
    if name and shell is not None:
        shell.user_ns[name] = answer.frame if isinstance(answer, Answer) else answer
    return answer


def _words(line: str) -> tuple[str, str]:
    """The engine and the name of a magic's line; each may be left out."""
    words = line.split()
    engine = words.pop(0).lower() if words and words[0].lower() in _ENGINES else "spark"
    if words and (words[0].lower() in _OTHERS or get_close_matches(words[0].lower(), _ENGINES, 1, 0.8)):
        raise UserError(f"%%sql runs on {' or '.join(_ENGINES)}, not on {words[0]!r}.", "%%bridge reads other SQL")
    if len(words) > 1 or not all(word.isidentifier() for word in words):
        raise UserError(f"%%sql does not know {line.strip()!r}.", "%%sql, %%sql postgres, or %%sql postgres name")
    return engine, words[0] if words else ""
