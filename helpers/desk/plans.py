"""What Spark does with a query, for a lesson to show: on the tables at their full size, as budgets are judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from helpers.core.errors import UserError
from helpers.desk.card import Card, Code, Picture, Show
from helpers.desk.session import session
from helpers.exercises.full import full_frames, full_size
from helpers.spark.plan import Plan, Scan, mermaid, plan_of, text_tree

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FEW = 1_000


def full(*names: str) -> dict[str, DataFrame]:
    """Tables of the classroom by their names, all readings of power among them, in files by site_id.

    Raises UserError where Spark runs elsewhere, and could not read the files.
    """
    return full_frames(session(), names)


def cost(frame: DataFrame | None = None, /, *, tree: bool = False, **named: DataFrame) -> Card:
    """Runs a DataFrame and shows what it read, moved and joined; several, by their names, in a table.

    tree: its operators, too. It shows no seconds: they vary. Raises UserError where there is nothing to run.
    """
    plans = _plans(frame, named, run=True)
    if named:
        return Card("Cost", [Show("Each was run once", pa.Table.from_pylist([_row(*one) for one in plans.items()]))])
    (plan,) = plans.values()
    blocks = [Code("It costs", "\n".join(_lines(plan)))]
    if tree:
        blocks.append(Code("What ran, from the result down to the files", text_tree(plan, told=False)))
    return Card("Cost", blocks)


def plan(frame: DataFrame | None = None, /, *, run: bool = False, **named: DataFrame) -> Picture:
    """A picture of the physical plan; of several, by their names, side by side.

    run: run it first, so that rows and bytes are told, and what Spark changed while it ran. Raises UserError where
    there is nothing to plan.
    """
    plans = _plans(frame, named, run)
    twin = "\n\n".join(f"{name}\n{text_tree(one)}".strip() for name, one in plans.items())
    return Picture(mermaid(plans), twin)


def _plans(frame: DataFrame | None, named: Mapping[str, DataFrame], run: bool) -> dict[str, Plan]:
    frames = dict(named) if frame is None else {"": frame}
    if not frames or (named and frame is not None):
        raise UserError(
            "One DataFrame is wanted, or several with names.", "cost(frame) or cost(mine=one, theirs=other)"
        )
    with full_size(session()):
        return {name: plan_of(one, run=run) for name, one in frames.items()}


def _row(name: str, plan: Plan) -> dict[str, object]:
    return {
        "query": name,
        "files": plan.files_read,
        "rows read": f"{plan.rows_read:,}{_more(plan)}",
        "pushed": ", ".join(sorted({one for scan in plan.reads for one in scan.pushed})) or "-",
        "shuffles": plan.shuffles,
        "rows moved": _moved(plan) + _more(plan),
        "joins": ", ".join(plan.joins) or "-",
    }


def _more(plan: Plan) -> str:
    return " + subquery" if plan.uncounted else ""


def _lines(plan: Plan) -> Iterator[str]:
    for scan in plan.reads:
        yield from _read(scan)
    if not plan.reads:
        yield "files     none"
    if plan.stored:
        yield f"stored    read {plan.stored} x from a cache or a checkpoint"
    yield f"shuffles  {plan.shuffles}"
    yield f"moved     {_moved(plan)} rows{_more(plan)}"
    if plan.joins:
        yield f"joins     {', '.join(plan.joins)}"
    if plan.python:
        yield f"python    {plan.python} x"


def _moved(plan: Plan) -> str:
    # To the thousand: how many rows each task groups by itself depends on the machine's cores.
    return "under 1,000" if plan.moved < _FEW else f"about {round(plan.moved, -3):,}"


def _read(scan: Scan) -> Iterator[str]:
    read = "read by a subquery, and not counted" if scan.files is None else f"{scan.files}, {scan.rows:,} rows"
    yield f"files     {read}; columns: {', '.join(scan.columns) or 'none'}"
    if scan.pruned:
        yield f"          folders left out by {', '.join(sorted(scan.pruned))}"
    if scan.pushed:
        yield f"          pushed into the scan: {', '.join(sorted(scan.pushed))}"
