"""The queries that are one slip away from a given one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from helpers.adversary.names import Names
from helpers.adversary.schema import Table
from helpers.adversary.slips import MAKERS, Slip
from helpers.adversary.slips.grouping import groups_hold
from helpers.core.errors import UserError


@dataclass(frozen=True)
class Mutant:
    """One wrong query. place: clause and text of the original that slipped; sentence: what it became, in words."""

    kind: str
    place: str
    sql: str
    sentence: str


def parse(sql: str) -> exp.Expr:
    """The tree of one Spark query. Raises UserError if the text is no query."""
    try:
        tree = sqlglot.parse_one(sql, dialect="spark")
    except (SqlglotError, AssertionError) as error:
        # Of set operations after |> sqlglot asserts what is not so.
        raise UserError(f"The SQL cannot be parsed: {str(error).splitlines()[0]}") from None
    if not isinstance(tree, exp.Query):
        raise UserError("The SQL is no query: it must begin with SELECT or WITH.")
    return tree


def mutants(sql: str, tables: Sequence[Table]) -> list[Mutant]:
    """Every query that differs from `sql` in one place, each text once, in the order of the original's tree.

    sql: one query in Spark's dialect; tables: its input tables, so that names and types are known.
    Not produced: what has the same text after normalising, and what does not parse. Some may be equivalent under the
    tables' constraints, and a few are refused by an engine's analysis: both are the caller's to judge.
    Raises UserError if `sql` is no query.
    """
    tree = parse(sql)
    names = Names(tree, tables)
    seen = {_normal(tree)}
    made: list[Mutant] = []
    for index, node in enumerate(tree.walk()):
        for maker in MAKERS:
            for slip in maker(node, names):
                text = _applied(tree, index, slip)
                if text is not None and text not in seen:
                    seen.add(text)
                    made.append(Mutant(slip.kind, _place(node), text, slip.sentence))
    return made


def _applied(tree: exp.Expr, index: int, slip: Slip) -> str | None:
    copy = tree.copy()
    node = next(part for position, part in enumerate(copy.walk()) if position == index)
    if slip.after is None:
        node.pop()
    elif node is copy:
        copy = slip.after
    else:
        node.replace(slip.after)
    try:
        made = sqlglot.parse_one(copy.sql("spark"), dialect="spark")
    except SqlglotError:
        return None
    return _normal(made) if groups_hold(made) else None


def _normal(tree: exp.Expr) -> str:
    return tree.sql("spark")


def _place(node: exp.Expr) -> str:
    """Clause and text, as in "WHERE of recent: amount > 10"."""
    clauses = (exp.Where, exp.Having, exp.Group, exp.Order, exp.Join, exp.Limit, exp.Window, exp.Select)
    holder = node if isinstance(node, clauses) else node.find_ancestor(*clauses)
    clauses_in_words = {exp.Group: "GROUP BY", exp.Order: "ORDER BY", type(None): "QUERY"}
    clause = clauses_in_words.get(type(holder), type(holder).__name__.upper())
    inside = node.find_ancestor(exp.CTE)
    shown = node.sql("spark").strip().removeprefix(f"{clause} ")
    owner = f" of {inside.alias}" if inside is not None else ""
    return f"{clause}{owner}: {shown if len(shown) <= 80 else shown[:77] + '...'}"
