"""What no statement of a DataFrame can do: the sentences that say so."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.refusal import Refusal, refuse

WAYS = "translate a query, INSERT, MERGE, UPDATE, DELETE, TRUNCATE or CREATE ... AS"
_PARTS = {
    "returning": ("RETURNING or OUTPUT", "a writer returns no rows",
                  "read the rows before they are changed, or the table's history"),
    "order": ("ORDER BY", "a merge looks at all rows at once", "tell the rows by a condition"),
    "limit": ("LIMIT or TOP", "a merge looks at all rows at once", "tell the rows by a condition"),
}  # fmt: skip
_NAMES = {"Transaction": "BEGIN TRANSACTION", "MultitableInserts": "An INSERT into several tables"}
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def refuse_parts(tree: exp.Expr) -> None:
    """Raises Refusal for a part of a statement that no writer has, and for a change inside a query."""
    inner = next((one for one in tree.find_all(exp.CTE) if isinstance(one.this, _CHANGES)), None)
    if inner is not None:
        raise refuse(inner, "A statement in WITH", "a query changes no rows, and a writer returns none",
                     "write the change and the query one after the other")  # fmt: skip
    if not isinstance(tree, _CHANGES):
        return
    for key, (words, reason, way_out) in _PARTS.items():
        if tree.args.get(key):
            raise refuse(tree.args[key], f"{words} of {type(tree).__name__.upper()}", reason, way_out)


def refusal_of(node: exp.Expr) -> Refusal:
    """The refusal of a statement that is none of those that are translated."""
    name = type(node).__name__
    words = str(node.this).upper() if isinstance(node, exp.Command) else _NAMES.get(name, name.upper())
    if isinstance(node, exp.Transaction | exp.Commit | exp.Rollback):
        return refuse(node, words, "a Delta table commits each write by itself",
                      "write each statement so that it can be repeated")  # fmt: skip
    if isinstance(node, exp.MultitableInserts):
        return refuse(node, words, "a DataFrame is written to one table", "write an INSERT for each")
    if isinstance(node, exp.Drop | exp.Alter):
        return refuse(node, words, "the DataFrame API makes tables and fills them, it has no other DDL",
                      "run it once with SQL")  # fmt: skip
    return refuse(node, words, "it is no query and changes no rows", WAYS)
