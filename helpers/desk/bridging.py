"""SQL of any dialect in a cell, DataFrame code out, with a verdict on whether it means the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers import services
from helpers.bridge import Refusal, Translation, Verification, translate, verify
from helpers.desk.card import Block, Card, Code, Picture, Program, Say, Show
from helpers.desk.session import session
from helpers.spark.plan import mermaid, text_tree

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MAGIC = "bridge"
_SIGNS = {"different": "✗", "code fails": "✗", "refused by Spark": "✗", "undecided": "?"}


@dataclass(frozen=True, repr=False)
class Bridged(Card):
    """What became of a query. translation and verification: for programs; None where the query is refused."""

    translation: Translation | None = None
    verification: Verification | None = None

    def plan(self) -> Picture:
        """Spark's plans of the query and of the code, side by side; empty where the query is refused."""
        plans = self.verification.plans() if self.verification is not None else {}
        return Picture(mermaid(plans), "\n\n".join(f"{name}\n{text_tree(one)}" for name, one in plans.items()))


def bridge(sql: str, dialect: str = "spark") -> Bridged:
    """The DataFrame code of a query, and whether it means the same: `bridge("SELECT TOP 3 ...", dialect="tsql")`.

    dialect: spark, postgres, mysql, oracle, tsql. Both sides are run on this session's tables of the query's names,
    where all are there, and on made ones. `.plan()` of what is returned shows both plans.
    """
    views = _views()
    schema = {name: {one.name: one.dataType.simpleString() for one in frame.schema} for name, frame in views.items()}
    try:
        done = translate(sql, dialect, schema)
    except Refusal as refusal:
        return Bridged("✗ Not translated", [Say(str(refusal), strong=True), Code("Your SQL:", sql.strip())])
    known = {name.lower() for name in views}
    tables = views if {name.lower() for name in done.tables} <= known else None
    origin = services.postgres_answers() if dialect == "postgres" else None
    found = verify(done, session(), tables, origin=origin)
    code = "\n".join((*done.imports, "", done.code.strip())).strip()
    sign = _SIGNS.get(found.verdict, "✓")
    blocks: list[Block] = [Say(found.sentence, strong=True), Program("As DataFrame code:", code)]
    blocks += [Say(f"Note: {note}") for note in done.notes]
    blocks += [Say(f"Assumed: {one}") for one in found.assumed]
    return Bridged(f"{sign} {found.verdict.capitalize()}", [*blocks, *_evidence(found)], done, found)


def register() -> None:
    """Makes the cell magic `%%bridge` known, where a notebook runs; its line is the dialect, spark if it is empty."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.register_magic_function(_cell, "cell", MAGIC)  # type: ignore[arg-type]


def _cell(line: str, cell: str) -> Bridged:
    return bridge(cell, line.strip() or "spark")


def _views() -> Mapping[str, DataFrame]:
    spark = session()
    return {one.name: spark.table(one.name) for one in spark.catalog.listTables() if one.isTemporary}


def _evidence(found: Verification) -> list[Block]:
    blocks: list[Block] = [
        Show(f"The smallest input found: {name}", rows) for name, rows in (found.inputs or {}).items()
    ]
    if found.yours is not None:
        blocks.append(Show("The code gives:", found.yours))
    if found.expected is not None:
        blocks.append(Show("The query gives:", found.expected))
    return blocks
