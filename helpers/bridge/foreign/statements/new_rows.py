"""The rows that an upsert brings: with the names of the table's columns, and one of each key."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.refusal import refuse
from helpers.bridge.statements.target import is_default

UNIQUE = (
    "New rows must have different keys: of two with one key, and none of it in the table, a merge inserts both. "
    "GROUP BY the key, or keep one row of each."
)
ANY_ROW = "Of several new rows with one key the code keeps one by its values; the database keeps the first it meets."


def new_rows(
    node: exp.Insert, columns: list[str], key: list[str], alias: str, notes: list[str], keep: str
) -> tuple[exp.Subquery, list[str]]:
    """The new rows with the table's names, one of each key, and the columns that they have.

    keep: which of the rows with one key stays, "first" or "last"; "" = none may have another's.
    """
    rows = node.args.get("expression")
    if isinstance(rows, exp.Values):
        query, columns = _constants(node, rows, columns, key, alias, notes, keep)
    elif isinstance(rows, exp.Select) and len(rows.expressions) == len(columns) and not any(
        one.is_star for one in rows.expressions
    ):  # fmt: skip
        query = rows.copy()
        query.set("expressions", [
            exp.Alias(this=one.unalias().copy(), alias=exp.to_identifier(name))
            for one, name in zip(query.expressions, columns, strict=True)
        ])  # fmt: skip
        if not _grouped_by(rows, columns, key):
            query = _one_each(query, columns, key, alias, notes) if keep else query
            notes += [] if keep else [UNIQUE]
    else:
        raise refuse(node, "An INSERT of this query that minds keys", "the names of its columns are not known",
                     "select the columns one by one")  # fmt: skip
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias))), columns


def _constants(
    node: exp.Insert, rows: exp.Values, columns: list[str], key: list[str], alias: str, notes: list[str], keep: str
) -> tuple[exp.Select, list[str]]:
    tuples = [list(one.expressions) if isinstance(one, exp.Tuple) else [one] for one in rows.expressions]
    tuples = [_unrolled(one) for one in tuples]
    if any(len(one) != len(columns) for one in tuples):
        raise refuse(node, "VALUES", f"its rows have not {len(columns)} values each")
    places = [index for index, name in enumerate(columns) if name.lower() in {one.lower() for one in key}]
    by_key: dict[tuple[str, ...], list[exp.Expr]] = {}
    for one in tuples if keep != "last" else reversed(tuples):
        # Texts of any case may be one key.
        told = tuple(one[place].sql().lower() for place in places)
        if told in by_key and not keep:
            raise refuse(node, f"Two new rows with the key {', '.join(told)}", "a merge looks at all rows at once",
                         "insert them one after the other")  # fmt: skip
        by_key.setdefault(told, one)
    if not all(
        isinstance(one[place].unnest(), exp.Literal | exp.Null | exp.Neg) for one in tuples for place in places
    ):
        notes.append(UNIQUE)
    kept = list(by_key.values()) if keep != "last" else list(reversed(by_key.values()))
    left = [index for index in range(len(columns)) if not all(is_default(one[index]) for one in kept)]
    if any(is_default(one[index]) for index in left for one in kept):
        raise refuse(node, "DEFAULT in some rows only", "a DataFrame has a column in all rows or in none",
                     "insert these rows by a statement of their own")  # fmt: skip
    names = [columns[index] for index in left]
    values = exp.Values(
        expressions=[exp.Tuple(expressions=[one[index].copy() for index in left]) for one in kept],
        alias=exp.TableAlias(this=exp.to_identifier(alias), columns=[exp.to_identifier(one) for one in names]),
    )
    return exp.Select(expressions=[exp.Star()]).from_(values), names


def _unrolled(row: list[exp.Expr]) -> list[exp.Expr]:
    only = row[0] if len(row) == 1 else None
    return list(only.expressions) if isinstance(only, exp.Anonymous) and str(only.this).upper() == "ROW" else row


def _grouped_by(query: exp.Select, columns: list[str], key: list[str]) -> bool:
    """Whether the query groups by exactly the key, so that no two of its rows have the same."""
    group = query.args.get("group")
    if group is None or not group.expressions:
        return False
    items = {name.lower(): one.unalias().sql() for name, one in zip(columns, query.expressions, strict=True)}
    return {items[one.lower()] for one in key} >= {one.sql() for one in group.expressions}


def _one_each(query: exp.Select, columns: list[str], key: list[str], alias: str, notes: list[str]) -> exp.Select:
    notes.append(ANY_ROW)
    rest = [one for one in columns if one.lower() not in {name.lower() for name in key}] or key
    number = exp.Window(
        this=exp.RowNumber(),
        partition_by=[exp.column(one) for one in key],
        order=exp.Order(expressions=[exp.Ordered(this=exp.column(one), desc=False, nulls_first=True)
                                     for one in rest]),
    )  # fmt: skip
    inner = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("found")))
    items = [*(exp.column(one) for one in columns), exp.Alias(this=number, alias=exp.to_identifier("place"))]
    placed = exp.Subquery(
        this=exp.Select(expressions=items).from_(inner), alias=exp.TableAlias(this=exp.to_identifier("placed"))
    )
    first = exp.EQ(this=exp.column("place"), expression=exp.Literal.number(1))
    return exp.Select(expressions=[exp.column(one) for one in columns]).from_(placed).where(first)
