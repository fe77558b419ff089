"""How contracts, verdicts and solutions look."""

from __future__ import annotations

import inspect
import textwrap

import pyarrow as pa

from helpers.desk.card import Block, Card, Code, Say, Show
from helpers.exercises import Budget, Exercise, ServiceExercise, Task, Verdict
from helpers.spark.plan import one_line, text_tree

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
    "group sizes with NULL": "where groups differ in size and values are NULL",
    "skewed keys": "where one key has most of the rows",
    "text": "where texts differ in case or blanks",
    "amounts": "where amounts are zero or negative",
    "dates": "at midnights, month ends and clock changes",
    "one row": "on tables of one row",
    "author": "on rows that the lesson's author added",
    "empty": "on empty tables",
    "drawn": "on rows drawn at random",
    "few": "on few rows",
}


def contract_card(exercise: Task) -> Card:
    """The task and what an answer is held to; nothing of the answer."""
    held = Say("")
    if isinstance(exercise, Exercise):
        held = Say("\n".join(_contract(exercise)))
    elif isinstance(exercise, ServiceExercise):
        given = [f"{name}: {what}" for name, what in exercise.gives.items()]
        promised = [f"{at}. {promise}" for at, promise in enumerate(exercise.promises, start=1)]
        held = Say("\n".join(["You are given", *given, "Afterwards", *promised]))
    begin = [Code("Begin with:", exercise.signature)]
    if isinstance(exercise, Exercise) and exercise.sql_allowed:
        begin.append(Code("Or in SQL:", f'check("{exercise.name}", "SELECT ...")'))
    return Card(exercise.title, [Say(exercise.task), held, *begin])


def _contract(exercise: Exercise) -> list[str]:
    contract = exercise.contract
    columns = ", ".join(f"{c.name} {c.type}{'' if c.nullable else ' not null'}" for c in contract.columns)
    order = "any"
    if contract.total:
        order = "total: every row in its place"
    elif contract.order:
        order = ", ".join(item.words for item in contract.terms().order_items) + "; rows equal in these in any order"
    return [
        f"Grain (what one row is): {contract.grain}",
        f"Columns by name, in {'this' if contract.column_order else 'any'} order: {columns}",
        f"Key: {', '.join(contract.key) or 'none'}",
        f"Order of rows: {order}",
        *([f"NULL: {contract.nulls}"] if contract.nulls else []),
        *(_budget(exercise.budget) if exercise.budget else []),
    ]


def _budget(budget: Budget) -> list[str]:
    return [
        f"Budget, on the full data: {'; '.join(budget.words())}",
        "What counts is the plan of the DataFrame that you return: run and cache nothing on the way.",
    ]


def verdict_card(verdict: Verdict) -> Card:
    """One verdict: the sentence first, then what shows it."""
    line = [Code("Your line:", verdict.error_line)] if verdict.error_line else []
    blocks: list[Block] = [*line, Say(verdict.sentence, strong=True)]
    if verdict.instead:
        blocks.append(Code("Instead:", verdict.instead))
    if verdict.kind in ("different", "error"):
        blocks += _evidence(verdict)
    if verdict.kind == "over budget" and verdict.plan:
        blocks.append(Code("What ran:", text_tree(verdict.plan)))
    if verdict.right:
        blocks += _right(verdict.exercise)
        if verdict.plan:
            blocks.append(Say(f"Your plan: {one_line(verdict.plan)}."))
    if verdict.printed:
        blocks.append(Code("Your function printed:", verdict.printed))
    return Card(f"{TITLES[verdict.kind]}: {verdict.exercise.title}", blocks)


def solution_card(exercise: Task) -> Card:
    """Every solution and, of a task on tables, the SQL that defines the right answer."""
    codes = [Code(f"Solution {at}:", source(one)) for at, one in enumerate(exercise.solutions, start=1)]
    return Card(f"Solutions: {exercise.title}", [*codes, *_sql(exercise), _remember(exercise)])


def _right(exercise: Task) -> list[Block]:
    kind = "As DataFrame code:" if isinstance(exercise, Exercise) else "One way to do it:"
    return [*_sql(exercise), Code(kind, source(exercise.solutions[0])), _remember(exercise)]


def _sql(exercise: Task) -> list[Block]:
    return [Code("In SQL:", exercise.oracle)] if isinstance(exercise, Exercise) else []


def _remember(exercise: Task) -> Block:
    return Say(f"Remember: {exercise.remember}")


def source(answer: object) -> str:
    """The text of a function, without its module's indentation."""
    return textwrap.dedent(inspect.getsource(answer)).strip()  # type: ignore[arg-type]


def _evidence(verdict: Verdict) -> list[Block]:
    blocks: list[Block] = []
    if verdict.family == "usual":
        blocks.append(Say("This is so on the usual data already."))
    elif verdict.family:
        where = FAMILIES.get(verdict.family) or _where(verdict.family)
        blocks.append(Say(f"Right on the usual data, wrong {where}."))
    if verdict.looked_at or verdict.family not in (None, "usual"):
        again = f"check({verdict.exercise.name}, seed={verdict.seed})"
        blocks.append(Code("To repeat it with the same made data:", again))
    if verdict.looked_at:
        blocks.append(Say(f"Looked at: {verdict.looked_at}."))
    smallest = "The smallest input that shows it" if verdict.minimal else "The smallest input found in the time"
    for name, table in (verdict.tables or {}).items():
        blocks.append(Show(f"{smallest}: {name}", _told(table)))
    if verdict.yours is not None:
        blocks.append(Show("Found:" if verdict.looked_at else "Your result:", verdict.yours))
    if verdict.expected is not None:
        blocks.append(Show("Expected:", verdict.expected))
    if verdict.difference is not None and verdict.difference.sentence != verdict.sentence:
        blocks.append(Say(verdict.difference.sentence))
    return blocks


def _where(family: str) -> str:
    # The families "empty sites", "empty work_orders" ... are as many as tables.
    kind, _, table = family.partition(" ")
    return f"where {table} has no rows" if kind == "empty" else f"on made data ({family})"


def _told(table: pa.Table) -> pa.Table:
    return table if table.num_columns <= 8 else table.select(table.column_names[:8])
