"""How contracts, verdicts and solutions look."""

from __future__ import annotations

import inspect
import textwrap

import pyarrow as pa

from helpers.desk.card import Block, Card, Code, Say, Show
from helpers.exercises import Exercise, Verdict

TITLES = {
    "not attempted": "○ Not attempted",
    "error": "✗ Error",
    "different": "✗ Different",
    "over budget": "△ Right, but over budget",
    "right": "✓ Right",
}
FAMILIES = {
    "boundary": "at the boundary of a comparison",
    "nulls": "where values are NULL",
    "nulls mixed": "where some values are NULL",
    "duplicates": "where rows stand twice",
    "ties": "where rows tie",
    "unmatched": "where keys have no partner",
    "group sizes": "where groups differ in size",
    "skewed keys": "where one key has most of the rows",
    "text": "where texts differ in case or blanks",
    "amounts": "where amounts are zero or negative",
    "dates": "at midnights, month ends and clock changes",
    "one row": "on tables of one row",
    "author": "on rows that the lesson's author added",
    "empty": "on empty tables",
}


def contract_card(exercise: Exercise) -> Card:
    """The task and what an answer is held to; nothing of the answer."""
    contract = exercise.contract
    columns = ", ".join(f"{c.name} {c.type}{'' if c.nullable else ' not null'}" for c in contract.columns)
    order = "any"
    if contract.total:
        order = "total: every row in its place"
    elif contract.order:
        order = ", ".join(item.words for item in contract.terms().order_items) + "; ties free"
    lines = [
        f"One row: {contract.grain}",
        f"Columns{' in this order' if contract.column_order else ''}: {columns}",
        f"Key: {', '.join(contract.key) or 'none'}",
        f"Order of rows: {order}",
        *([f"NULL: {contract.nulls}"] if contract.nulls else []),
    ]
    return Card(exercise.title, [Say(exercise.task), Say("\n".join(lines)), Code("Begin with:", exercise.signature)])


def verdict_card(verdict: Verdict) -> Card:
    """One verdict: the sentence first, then what shows it."""
    blocks: list[Block] = [Say(verdict.sentence, strong=True)]
    if verdict.error_line:
        blocks.append(Code("Your line:", verdict.error_line))
    if verdict.kind in ("different", "error"):
        blocks += _evidence(verdict)
    if verdict.right:
        exercise = verdict.exercise
        blocks += [
            Code("In SQL:", exercise.oracle),
            Code("As DataFrame code:", source(exercise.solutions[0])),
            Say(f"Remember: {exercise.remember}"),
        ]
    if verdict.printed:
        blocks.append(Code("Your function printed:", verdict.printed))
    return Card(f"{TITLES[verdict.kind]}: {verdict.exercise.title}", blocks)


def solution_card(exercise: Exercise) -> Card:
    """Every solution and the SQL that defines the right answer."""
    codes = [Code(f"Solution {at}:", source(one)) for at, one in enumerate(exercise.solutions, start=1)]
    return Card(
        f"Solutions: {exercise.title}",
        [*codes, Code("In SQL:", exercise.oracle), Say(f"Remember: {exercise.remember}")],
    )


def source(answer: object) -> str:
    """The text of a function, without its module's indentation."""
    return textwrap.dedent(inspect.getsource(answer)).strip()  # type: ignore[arg-type]


def _evidence(verdict: Verdict) -> list[Block]:
    blocks: list[Block] = []
    if verdict.family == "usual":
        blocks.append(Say("This is so on the usual data already."))
    elif verdict.family:
        where = FAMILIES.get(verdict.family, f"on made data ({verdict.family})")
        blocks.append(Say(f"Right on the usual data, wrong {where}."))
    if verdict.tables is None:
        return blocks
    smallest = "The smallest input that shows it" if verdict.minimal else "The smallest input found in the time"
    for name, table in verdict.tables.items():
        blocks.append(Show(f"{smallest}: {name}", _told(table)))
    if verdict.yours is not None:
        blocks.append(Show("Your result:", verdict.yours))
    if verdict.expected is not None:
        blocks.append(Show("Expected:", verdict.expected))
    if verdict.difference is not None and verdict.difference.sentence != verdict.sentence:
        blocks.append(Say(verdict.difference.sentence))
    return blocks


def _told(table: pa.Table) -> pa.Table:
    return table if table.num_columns <= 8 else table.select(table.column_names[:8])
