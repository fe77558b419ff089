"""`gridbridge translate`: SQL in, DataFrame code out, and whether it means the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpers.core.errors import UserError

if TYPE_CHECKING:
    from helpers.bridge import Declared, Translation, Verification

STDIN = "-"


@dataclass(frozen=True)
class Done:
    """What became of one text. One of translation and refused is there; verified only where it was asked for."""

    name: str
    translation: Translation | None = None
    refused: str = ""
    verified: Verification | None = None

    @property
    def good(self) -> bool:
        """Translated, and nothing was found that speaks against it."""
        return self.translation is not None and (self.verified is None or self.verified.good)


def translate(
    files: Annotated[list[str], typer.Argument(help="Files of queries and statements; - reads standard input.")],
    dialect: Annotated[str, typer.Option(help="Of the SQL: spark, postgres, mysql, oracle, tsql ...")] = "spark",
    verify: Annotated[bool, typer.Option("--verify", help="Run both sides on Spark, on tables made for it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON list.")] = False,
    schema: Annotated[
        str | None, typer.Option(help="A file of the tables' CREATE TABLE: types, keys and what * means.")
    ] = None,
    key: Annotated[list[str] | None, typer.Option(help="A table's unique key, for upserts: TABLE=COLUMN,...")] = None,
) -> None:
    """Translate SQL to DataFrame code. Exit code 1 where a query is refused or its code may differ."""
    texts = [one for name in files for one in _statements(name, _text(name), dialect)]
    known = _declared(schema, dialect, _keys(key or []))
    found: list[Done] = []
    for done in _done(texts, dialect, verify, known):
        found.append(done)
        if not as_json:
            _show(done, titled=len(texts) > 1)
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in found], indent=2))
    if not all(one.good for one in found):
        raise typer.Exit(1)


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == STDIN else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UserError(f"{name} cannot be read: {reason}.", "Give the path of a file with one query.") from None


def _statements(name: str, text: str, dialect: str) -> list[tuple[str, str]]:
    """The statements of a file, each under a name of its own."""
    from helpers import bridge

    parts = bridge.split(text, dialect)
    return [(name if len(parts) == 1 else f"{name}, statement {at}", one) for at, one in enumerate(parts, start=1)]


def _declared(file: str | None, dialect: str, keys: dict[str, list[str]]) -> Declared:
    from helpers import bridge

    try:
        known = bridge.declared(_text(file), dialect) if file else bridge.Declared()
    except bridge.Refusal as refusal:
        raise UserError(f"{file}: {refusal}", "Give a file of CREATE TABLE statements in --schema.") from None
    return bridge.Declared(known.schema, {**known.keys, **keys})


def _keys(given: list[str]) -> dict[str, list[str]]:
    """Table → the columns of its key."""
    found = {}
    for one in given:
        table, sign, columns = one.partition("=")
        if not sign or not table.strip() or not all(part.strip() for part in columns.split(",")):
            raise UserError(
                f"--key {one} tells no key.", "Write it as --key TABLE=COLUMN or --key TABLE=COLUMN,COLUMN."
            )
        found[table.strip()] = [part.strip() for part in columns.split(",")]
    return found


def _done(texts: list[tuple[str, str]], dialect: str, verified: bool, known: Declared) -> Iterator[Done]:
    # Not at the top: sqlglot and pyspark would slow down every other command.
    from helpers import bridge
    from helpers.services.answers import postgres_answers

    spark: Any = None
    origin = postgres_answers() if verified and dialect == "postgres" else None
    for name, text in texts:
        try:
            translation = bridge.translate(text, dialect, known.schema, known.keys)
        except bridge.Refusal as refusal:
            yield Done(name, refused=str(refusal))
            continue
        if verified and spark is None:
            from helpers.spark import session

            # A session of its own, not the lessons' server: only there plans can be proved the same.
            spark = session("teaching")
        if not verified:
            yield Done(name, translation)
            continue
        tables = _empty(spark, known.schema) if known.schema else None
        yield Done(name, translation, verified=bridge.verify(translation, spark, tables, origin=origin))


def _empty(spark: Any, schema: dict[str, dict[str, str]]) -> dict[str, Any]:
    """The declared tables without rows: rows are made by their types."""
    ddl = {
        table: ", ".join(f"`{name}` {kind}" for name, kind in columns.items()) for table, columns in schema.items()
    }
    return {table: spark.createDataFrame([], columns) for table, columns in ddl.items()}


def _show(done: Done, titled: bool) -> None:
    if titled:
        typer.echo(f"# {done.name}")
    if done.translation is None:
        typer.echo(f"{done.name}: {done.refused}" if not titled else done.refused, err=True)
        return
    code = "\n".join((*done.translation.imports, "", done.translation.code.rstrip()))
    typer.echo(code.lstrip())
    for note in done.translation.notes:
        typer.echo(f"# note: {note}")
    if done.verified is not None:
        for one in done.verified.assumed:
            typer.echo(f"# assumed: {one}")
        typer.echo(f"# {done.verified.verdict}: {done.verified.sentence}")
        for words in _rows(done.verified):
            typer.echo("\n".join(f"# {line}" for line in words.splitlines()))


def _rows(found: Verification) -> Iterator[str]:
    """The smallest tables that show a difference, and both answers."""
    from helpers.compare import text_table

    for name, rows in (found.inputs or {}).items():
        yield f"{name}:\n{text_table(rows)}"
    if found.inputs is not None:
        for title, answer in (("the code gives", found.yours), ("the query gives", found.expected)):
            yield f"{title}:\n{text_table(answer)}" if answer is not None else f"{title}: an error"


def _plain(done: Done) -> dict[str, Any]:
    told: dict[str, Any] = {"file": done.name, "refused": done.refused or None}
    if done.translation is not None:
        one = done.translation
        told |= {
            "dialect": one.dialect,
            "spark_sql": one.spark_sql,
            "imports": list(one.imports),
            "code": one.code,
            "tables": list(one.tables),
            "notes": list(one.notes),
            "writes": one.writes or None,
        }
    if done.verified is not None:
        found = done.verified
        told |= {"verdict": found.verdict, "sentence": found.sentence, "assumed": list(found.assumed)}
        told["inputs"] = {name: _listed(rows) for name, rows in (found.inputs or {}).items()}
    return told


def _listed(rows: Any) -> list[Any]:
    # JSON knows neither dates nor decimals.
    return list(json.loads(json.dumps(rows.to_pylist(), default=str)))
