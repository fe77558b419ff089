"""PIVOT and UNPIVOT of a derived table."""

from __future__ import annotations

from tests.bridge.grammar.draw import Draw
from tests.bridge.grammar.scope import Relation, relation
from tests.bridge.grammar.worlds import World

_TURNED = {
    "peak": (
        ("meter_id, quality, n", "quality", "sum(n)", "'ok', 'bad', 'late'", "readings", ("meter_id", "int")),
        ("site_id, kind, capacity", "kind", "max(capacity)", "'pv', 'wind'", "meters", ("site_id", "int")),
    ),
    "tpch": (
        ("o_custkey, o_orderstatus, o_totalprice", "o_orderstatus", "sum(o_totalprice)", "'O', 'F', 'P'", "orders",
         ("o_custkey", "int")),
        ("l_orderkey, l_linestatus, l_quantity", "l_linestatus", "avg(l_quantity)", "'O', 'F'", "lineitem",
         ("l_orderkey", "int")),
    ),
}  # fmt: skip
_LONG = {
    "peak": (("region, valid_from, valid_to", "valid_from, valid_to", "tariffs", [("region", "string")], "date"),
             ("meter_id, value, n", "n, value", "readings", [("meter_id", "int")], "double")),
    "tpch": (("o_orderkey, o_clerk, o_orderpriority", "o_clerk, o_orderpriority", "orders", [("o_orderkey", "int")],
    "string"),
             ("p_partkey, p_size, p_retailprice", "p_size, p_retailprice", "part", [("p_partkey", "int")],
             "decimal")),
}  # fmt: skip


def reshaped(draw: Draw, world: World) -> tuple[str, Relation]:
    """A FROM clause that turns rows into columns, or columns into rows, and what it offers."""
    return _pivot(draw, world) if draw.chance(0.5) else _unpivot(draw, world)


def _pivot(draw: Draw, world: World) -> tuple[str, Relation]:
    columns, field, aggregate, values, table, key = draw.one(_TURNED[world.name])
    inner = f"(SELECT {columns} FROM {table})"
    names = [f"p{index}" for index, _ in enumerate(values.split(", "))]
    told = ", ".join(f"{value} AS {name}" for value, name in zip(values.split(", "), names, strict=True))
    draw.note("PIVOT")
    if draw.chance(0.3):
        both = f"PIVOT ({aggregate} AS amount, count(*) AS times FOR {field} IN ({told}))"
        made = [
            (f"{name}_{what}", kind) for name in names for what, kind in (("amount", "decimal"), ("times", "int"))
        ]
        return f"{inner} {both}", relation([key, *made])
    if draw.chance(0.3):
        pairs = ", ".join(f"({value}, {number}) AS {name}" for number, (value, name) in
                          enumerate(zip(values.split(", "), names, strict=True), 1))  # fmt: skip
        first = key[0]
        more = f"(SELECT {columns}, {first} % 3 AS rest FROM {table})"
        return f"{more} PIVOT ({aggregate} FOR ({field}, rest) IN ({pairs}))", relation(
            [key, *((name, "decimal") for name in names)]
        )
    return f"{inner} PIVOT ({aggregate} FOR {field} IN ({told}))", relation(
        [key, *((one, "decimal") for one in names)]
    )


def _unpivot(draw: Draw, world: World) -> tuple[str, Relation]:
    columns, turned, table, keys, kind = draw.one(_LONG[world.name])
    one, other = turned.split(", ")
    way = draw.one(["", "INCLUDE NULLS ", "EXCLUDE NULLS "])
    draw.note("UNPIVOT")
    if kind in ("double", "decimal"):
        source = (
            f"(SELECT {keys[0][0]}, CAST({one} AS DOUBLE) AS {one}, CAST({other} AS DOUBLE) AS {other} FROM {table})"
        )
        kind = "double"
    else:
        source = f"(SELECT {columns} FROM {table})"
    if draw.chance(0.3):
        text = (
            f"{source} UNPIVOT {way}((here, there) FOR side IN (({one}, {other}) AS ahead, ({other}, {one}) AS back))"
        )
        return text, relation([*keys, ("side", "string"), ("here", kind), ("there", kind)])
    told = draw.one([turned, f"{one} AS early, {other} AS late"])
    return f"{source} UNPIVOT {way}(amount FOR what IN ({told}))", relation(
        [*keys, ("what", "string"), ("amount", kind)]
    )
