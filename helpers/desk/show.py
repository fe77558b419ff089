"""How contracts, verdicts and solutions look."""

from __future__ import annotations

import inspect
import textwrap

import pyarrow as pa

from helpers.desk.card import Beside, Block, Card, Code, Say, Show
from helpers.exercises import Budget, Exercise, ServiceExercise, Task, Verdict
from helpers.exercises.variants import declared
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


def solution_card(exercise: Task, solved: bool = False) -> Card:
    """Every solution and, of a task on tables, the SQL that defines the right answer, unless that is withheld."""
    codes: list[Block] = [Code(f"Solution {at}:", source(one)) for at, one in enumerate(exercise.solutions, start=1)]
    if isinstance(exercise, Exercise):
        held = exercise.withhold and not solved
        codes.append(Say("In SQL: shown once your own answer is right.") if held else _sql(exercise))
    return Card(f"Solutions: {exercise.title}", [*codes, _remember(exercise)])


def _right(exercise: Task) -> list[Block]:
    code = source(exercise.solutions[0])
    if isinstance(exercise, Exercise):
        return [Beside([_sql(exercise), Code("As DataFrame code:", code)]), _remember(exercise)]
    return [Code("One way to do it:", code), _remember(exercise)]


def _sql(exercise: Exercise) -> Code:
    return Code("In SQL:", exercise.oracle)


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
    roles = _roles(verdict.exercise)
    for name, table in (verdict.tables or {}).items():
        blocks.append(Show(f"{smallest}: {name}", _told(table), roles=roles.get(name, {})))
    found = verdict.difference
    marks, expected_marks = (found.marks, found.expected_marks) if found else ({}, {})
    if verdict.yours is not None:
        title = "Found:" if verdict.looked_at else "Your result:"
        blocks.append(Show(title, verdict.yours, marked=marks, roles=roles[""]))
    if verdict.expected is not None:
        blocks.append(Show("Expected:", verdict.expected, marked=expected_marks, roles=roles[""]))
    if found is not None and found.sentence != verdict.sentence:
        blocks.append(Say(found.sentence))
    return blocks


def _roles(exercise: Task) -> dict[str, dict[str, str]]:
    """Which columns are keys, or lead to a key: of each table of the exercise, and of the answer under ""."""
    if not isinstance(exercise, Exercise):
        return {"": {}}
    roles = {"": dict.fromkeys(exercise.contract.key, "key")}
    for table in declared(exercise):
        leads = {column: f"→ {one.table}" for one in table.references for column in one.columns}
        roles[table.name] = {**leads, **dict.fromkeys(table.key, "key")}
    return roles


def _where(family: str) -> str:
    # The families "empty sites", "empty work_orders" ... are as many as tables.
    kind, _, table = family.partition(" ")
    return f"where {table} has no rows" if kind == "empty" else f"on made data ({family})"


def _told(table: pa.Table) -> pa.Table:
    return table if table.num_columns <= 8 else table.select(table.column_names[:8])
