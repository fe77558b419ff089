"""SQL of any dialect in a cell, DataFrame code out, with a verdict on whether it means the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.bridge import Refusal, Translation, Verification, split, translate, verify
from helpers.desk.card import Block, Card, Code, Picture, Program, Say, Show
from helpers.desk.session import session
from helpers.services.answers import postgres_answers
from helpers.spark.plan import mermaid, text_tree

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SIGNS = {"different": "✗", "code fails": "✗", "refused by Spark": "✗", "undecided": "?"}


@dataclass(frozen=True, repr=False)
class Bridged(Card):
    """What became of a query or statement. translation and verification: for programs; None where it is refused.

    parts: of a text of several statements one each; then the other two are None.
    """

    translation: Translation | None = None
    verification: Verification | None = None
    parts: tuple[Bridged, ...] = ()

    def plan(self) -> Picture:
        """Spark's plans of the query and of the code, side by side; empty where the query is refused."""
        plans = self.verification.plans() if self.verification is not None else {}
        return Picture(mermaid(plans), "\n\n".join(f"{name}\n{text_tree(one)}" for name, one in plans.items()))


def bridge(sql: str, dialect: str = "spark", keys: Mapping[str, Sequence[str]] | None = None) -> Bridged:
    """The DataFrame code of a query, and whether it means the same: `bridge("SELECT TOP 3 ...", dialect="tsql")`.

    dialect: spark, postgres, mysql, oracle, tsql. keys: table → its key, for upserts that do not say it. Both sides
    are run on this session's tables of the query's names, where all are there, and on made ones. `.plan()` of what is
    returned shows both plans. INSERT, MERGE, UPDATE, DELETE and CREATE ... AS are run on copies with made rows; your
    own tables stay as they are. Several statements, told apart by semicolons, are shown one after the other.
    """
    parts = split(sql, dialect)
    if len(parts) == 1:
        return _one(sql, dialect, keys)
    done = tuple(_one(one, dialect, keys) for one in parts)
    blocks: list[Block] = []
    for at, one in enumerate(done, start=1):
        blocks += [Say(f"Statement {at}: {one.title}", strong=True), *one.blocks]
    good = sum(one.verification is not None and one.verification.good for one in done)
    sign = "✓" if good == len(done) else "✗"
    return Bridged(f"{sign} {good} of {len(done)} statements are the same", blocks, parts=done)


def _one(sql: str, dialect: str, keys: Mapping[str, Sequence[str]] | None) -> Bridged:
    views, tables = _known(sql)
    schema = {
        name: {one.name: one.dataType.simpleString() for one in frame.schema}
        for name, frame in {**tables, **views}.items()
    }
    try:
        done = translate(sql, dialect, schema, keys)
    except Refusal as refusal:
        return Bridged("✗ Not translated", [Say(str(refusal), strong=True), Code("Your SQL:", sql.strip())])
    # Of a table that the catalogue keeps, a statement takes the columns only; a query would read its rows.
    given = {**tables, **views} if done.writes else views
    known = {name.lower() for name in given}
    needed = {one.lower() for one in (*done.tables, *_written(done))}
    origin = postgres_answers() if dialect == "postgres" else None
    found = verify(done, session(), given if needed <= known else None, origin=origin)
    code = "\n".join((*done.imports, "", done.code.strip())).strip()
    sign = _SIGNS.get(found.verdict, "✓")
    blocks: list[Block] = [Say(found.sentence, strong=True), Program("As DataFrame code:", code)]
    blocks += [Say(f"Note: {note}") for note in done.notes]
    blocks += [Say(f"Assumed: {one}") for one in found.assumed]
    return Bridged(f"{sign} {found.verdict.capitalize()}", [*blocks, *_evidence(found)], done, found)


def _written(done: Translation) -> tuple[str, ...]:
    """The table that must be there to be written."""
    return (done.writes.rsplit(".", 1)[-1],) if done.writes and not done.makes else ()


def _known(sql: str) -> tuple[dict[str, DataFrame], dict[str, DataFrame]]:
    """The session's views, and the catalogue's tables whose names the text holds."""
    spark = session()
    views: dict[str, DataFrame] = {}
    tables: dict[str, DataFrame] = {}
    for one in spark.catalog.listTables():
        if one.isTemporary:
            views[one.name] = spark.table(one.name)
        elif one.name.lower() in sql.lower():
            tables[one.name] = spark.table(one.name)
    return views, tables


def _evidence(found: Verification) -> list[Block]:
    blocks: list[Block] = [
        Show(f"The smallest input found: {name}", rows) for name, rows in (found.inputs or {}).items()
    ]
    if found.yours is not None:
        blocks.append(Show("The code gives:", found.yours))
    if found.expected is not None:
        blocks.append(Show("The query gives:", found.expected))
    return blocks
