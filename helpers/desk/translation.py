"""The same query in two languages, and what Spark makes of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helpers.compare import Column, Terms, difference, spark_type
from helpers.core.errors import UserError
from helpers.desk.card import Beside, Block, Card, Code, Say
from helpers.desk.plans import full
from helpers.desk.session import session
from helpers.desk.show import source
from helpers.exercises import Exercise, exercise, usual
from helpers.exercises.attempt import MOST_ROWS, asked
from helpers.exercises.full import full_size
from helpers.exercises.progress import State
from helpers.exercises.progress import progress as journal
from helpers.spark.frames import query
from helpers.spark.plan import one_line, plan_of, text_tree

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def rosetta(sql: str, answer: Callable[..., Any] | None = None) -> Card:
    """SQL, DataFrame code and plan side by side: `rosetta("SELECT ...", my_function)`, or of an exercise by its name.

    answer: a function whose parameters are tables of the classroom; both run on all of PEAK's data. Of an exercise
    it shows the solution, which is noted in the journal unless it was solved before. Raises UserError for a name
    that no exercise has, for one that withholds its query, and for a parameter that no table has.
    """
    title = "Rosetta"
    if answer is None:
        found = exercise(sql)
        if not isinstance(found, Exercise):
            raise UserError(
                f"{found.name} works on services: it has no SQL.", f"solution({found.name!r}) shows its code."
            )
        if not journal().fold().get(found.id, State()).solved:
            if found.withhold:
                raise UserError(
                    f"The SQL of {found.name} is shown once your own answer is right.",
                    f"solution({found.name!r}) shows its code.",
                )
            journal().shown(found.id)
        title, sql, answer = f"Rosetta: {found.title}", found.oracle, found.solutions[0]
    spark, tables = session(), full(*usual())
    names, missing = asked(answer, tables)
    if missing:
        raise UserError(f"{missing} is no table of the classroom.", f"They are: {', '.join(tables)}.")
    with full_size(spark):
        both = {"SQL": query(spark, sql, tables), "DataFrame": answer(**{name: tables[name] for name in names})}
        plans = {name: plan_of(frame, run=False) for name, frame in both.items()}
        said = _held_together(both["SQL"], both["DataFrame"])
    trees = {name: text_tree(one, told=False) for name, one in plans.items()}
    blocks: list[Block] = [Beside([Code("SQL", sql.strip()), Code("DataFrame", source(answer))])]
    if trees["SQL"] == trees["DataFrame"]:
        blocks.append(Code(f"The plan of both: {one_line(plans['SQL'])}", trees["SQL"]))
    else:
        titles = {name: f"The plan of {name}: {one_line(one)}" for name, one in plans.items()}
        blocks.append(Beside([Code(titles[name], trees[name]) for name in plans]))
    return Card(title, [*blocks, Say(said)])


def _held_together(sql: DataFrame, frame: DataFrame) -> str:
    rows, others = (one.limit(MOST_ROWS + 1).toArrow() for one in (sql, frame))
    if max(rows.num_rows, others.num_rows) > MOST_ROWS:
        return f"More than {MOST_ROWS:,} rows: too many to hold against each other."
    terms = Terms(tuple(Column(field.name, spark_type(field.type)) for field in rows.schema))
    found = difference(others, rows, terms)
    return f"The DataFrame differs. {found.sentence}" if found else f"Both give the same {rows.num_rows:,} rows."
